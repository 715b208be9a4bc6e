#!/bin/bash
# Content that is not there, and content that is refused.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp
serve dp01 --roles dp --port 8080 --dp-auth ntlm
record
client client01 --server http://dp01.corp.example 'get=/SMS_DP_SMSPKG$/PS100099/sccm?/setup.cmd' 'probe=/sms_dp_smspkg$/qWxYzAbC'
client client01 --server http://dp01.corp.example:8080 'get=/SMS_DP_SMSPKG$/PS100012/sccm?/setup.cmd'
finish

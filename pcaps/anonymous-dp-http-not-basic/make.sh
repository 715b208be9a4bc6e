#!/bin/bash
# Basic authentication on a DP.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --dp-auth basic
record
web client01 --anyauth -u 'svc_naa:Lab-Only-Passw0rd!' 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100012/sccm?/setup.cmd'
finish

#!/bin/bash
# WinPE fetches an image by the network access account.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --dp-auth ntlm
record
web client01 -A 'SMS CCM 5.0 TS' --ntlm -u 'CORP\svc_naa:Lab-Only-Passw0rd!' 'http://dp01.corp.example/NOCERT_SMS_DP_SMSPKG$/PS100012/sccm?/setup.cmd'
finish

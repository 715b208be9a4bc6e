#!/bin/bash
# The computer account of mp01 logs on to dp01 from mp01, over IPv4 and IPv6.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
serve mp01 --roles mp
serve dp01 --roles dp --dp-auth ntlm
record
client client01 aut=MPLIST
client client02 aut=MPLIST
for name in dp01 dp01-v6; do
	web mp01 --ntlm -u 'CORP\mp01$:Lab-Only-Mp01!' "http://$name.corp.example/SMS_DP_SMSPKG\$/PS100012/sccm?/readme.html"
done
finish

#!/bin/bash
# The computer account of mp01 logs on to dp01, from rogue01: somebody has its password or its logon.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
serve mp01 --roles mp
serve dp01 --roles dp --dp-auth ntlm
record
client client01 aut=MPLIST
client client02 aut=MPLIST
web rogue01 --ntlm -u 'CORP\mp01$:Lab-Only-Mp01!' 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100012/sccm?/readme.html'
finish

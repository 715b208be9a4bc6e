#!/bin/bash
# Logons at dc01 over LDAP that nobody relayed: by NTLM, refused, in clear, anonymous, and by SMB as well.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
background "$WORK/ldap.log" dc01 /usr/bin/python3 "$LAB/ldap_server.py" --name dc01.corp.example
wait_port dc01 389
samba dc01
record
smb client01 "-UCORP/svc_naa%$PASSWORD" '//dc01.corp.example/IPC$' -c exit
python client01 "$LAB/ldap_client.py" dc01.corp.example impacket "svc_naa:$PASSWORD" "svc_naa:wrong"
python client01 "$LAB/ldap_client.py" dc01.corp.example ldap3 "svc_naa:$PASSWORD"
python client02 "$LAB/ldap_client.py" dc01.corp.example simple : 'CORP\svc_naa:wrong' "svc_naa@corp.example:$PASSWORD"
python mp01 "$LAB/ldap_client.py" dc01.corp.example ldap3 'mp01$:Lab-Only-Mp01!'
finish

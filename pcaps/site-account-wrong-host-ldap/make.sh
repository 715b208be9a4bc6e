#!/bin/bash
# The computer account of mp01 logs on at dc01 by NTLM over LDAP, from rogue01.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
background "$WORK/ldap.log" dc01 /usr/bin/python3 "$LAB/ldap_server.py" --name dc01.corp.example
wait_port dc01 389
record
python rogue01 "$LAB/ldap_client.py" dc01.corp.example impacket 'mp01$:Lab-Only-Mp01!'
finish

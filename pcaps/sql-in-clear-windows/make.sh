#!/bin/bash
# The same with Windows authentication (NTLM) of its computer account.
. "$(dirname "$0")/../../tests/lab/case.sh"
sql sql01 --encryption not-supported
record
ns mp01 timeout 20 /usr/bin/python3 "$LAB/sql_client.py" sql01.corp.example CM_PS1 'mp01$' Lab-Only-Mp01!
finish

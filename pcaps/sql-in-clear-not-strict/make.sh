#!/bin/bash
# TDS 8: TLS comes first, and SQL Server's own packets are inside it.
. "$(dirname "$0")/../../tests/lab/case.sh"
sql sql01 --encryption not-supported --strict
record
ns mp01 timeout 20 /usr/bin/python3 "$LAB/sql_client.py" --strict sql01.corp.example CM_PS1 'mp01$' Lab-Only-Mp01!
finish

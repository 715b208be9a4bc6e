#!/bin/bash
# A management point whose certificate ended in 2024, and a client that does not care.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
certificate root cn="Lab Root" ca=yes
certificate mp01 issuer=root cn=mp01.corp.example dns=mp01.corp.example usage=server from=2023-01-01 until=2024-01-01
trust root.pem
https mp01 443 mp01 'ssl_protocols TLSv1.2'
record
web client01 -k https://mp01.corp.example/
finish

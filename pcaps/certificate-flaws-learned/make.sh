#!/bin/bash
# A management point that two clients know from clear HTTP, behind TLS 1.0 with an expired, weak certificate of another name; then another one.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
certificate root cn="Lab Root" ca=yes
certificate mp01 issuer=root cn=www.corp.example dns=www.corp.example usage=server from=2023-01-01 until=2024-01-01 hash=sha1
certificate other issuer=root cn=mp01.corp.example dns=mp01.corp.example usage=server from=2044-01-01 until=2045-01-01
trust root.pem
https mp01 443 mp01 'ssl_protocols TLSv1' 'ssl_ciphers ALL:@SECLEVEL=0'
serve mp01
client client01 register+ntlm
record
client client01 aut=MPLIST
web client01 -k --ciphers DEFAULT:@SECLEVEL=0 https://mp01.corp.example/
stop mp01-443
https mp01 443 other 'ssl_protocols TLSv1.2'
web client01 -k https://mp01.corp.example/
finish

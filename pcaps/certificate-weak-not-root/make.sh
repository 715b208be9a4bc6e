#!/bin/bash
# A good certificate that comes with its root, which is signed with SHA-1.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
certificate root cn="Lab Root" ca=yes hash=sha1
certificate mp01 issuer=root cn=mp01.corp.example dns=mp01.corp.example usage=server
cat "$WORK/mp01.pem" "$WORK/root.pem" >"$WORK/mp01.chain.pem"
trust root.pem
https mp01 443 mp01 'ssl_protocols TLSv1.2' 'ssl_ciphers ALL:@SECLEVEL=0'
record
web client01 --cacert "$WORK/root.pem" --ciphers DEFAULT:@SECLEVEL=0 https://mp01.corp.example/
finish

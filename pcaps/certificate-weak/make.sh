#!/bin/bash
# Three site systems: a SHA-1 signature, a key of 1024 bits, a certificate for signing code.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
certificate root cn="Lab Root" ca=yes
certificate mp01 issuer=root cn=mp01.corp.example dns=mp01.corp.example usage=server hash=sha1
certificate mp02 issuer=root cn=mp02.corp.example dns=mp02.corp.example usage=server bits=1024
certificate dp01 issuer=root cn=dp01.corp.example dns=dp01.corp.example usage=code
trust root.pem
https mp01 443 mp01 'ssl_protocols TLSv1.2' 'ssl_ciphers ALL:@SECLEVEL=0'
https mp02 443 mp02 'ssl_protocols TLSv1.2' 'ssl_ciphers ALL:@SECLEVEL=0'
https dp01 443 dp01 'ssl_protocols TLSv1.2'
record
for host in mp01 mp02 dp01; do web client01 -k --ciphers DEFAULT:@SECLEVEL=0 "https://$host.corp.example/"; done
finish

#!/bin/bash
# A client that also offers TLS 1.0 and 1.1, and a server that chooses 1.2.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1.2'
record
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/ --tlsv1.0 --ciphers DEFAULT:@SECLEVEL=0
finish

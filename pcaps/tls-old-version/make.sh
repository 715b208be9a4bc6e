#!/bin/bash
# A management point that speaks nothing later than TLS 1.0, and a client that goes along.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1' 'ssl_ciphers ALL:@SECLEVEL=0'
record
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/ --tls-max 1.0 --ciphers DEFAULT:@SECLEVEL=0
finish

#!/bin/bash
# A management point that shows another certificate from one connection to the next.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
certificate other issuer=root cn=mp01.corp.example usage=server dns=mp01.corp.example
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1.2'
record
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
stop mp01-443
https mp01 443 other 'ssl_protocols TLSv1.2'
web client02 --cacert "$WORK/root.pem" https://mp01.corp.example/
finish

#!/bin/bash
# A management point of an HTTPS-only site that would like a certificate, and a client that has none.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1.2' "ssl_client_certificate $WORK/root.pem" 'ssl_verify_client optional'
record
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
finish

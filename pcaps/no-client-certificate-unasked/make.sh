#!/bin/bash
# A distribution point of an HTTPS-only site that asks for no certificate.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
https dp01 443 site 'ssl_protocols TLSv1.2'
record
web client01 --cacert "$WORK/root.pem" https://dp01.corp.example/
finish

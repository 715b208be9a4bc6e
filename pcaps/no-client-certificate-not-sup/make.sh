#!/bin/bash
# A software update point of an HTTPS-only site, which asks nobody for a certificate.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
https sup01 8531 site 'ssl_protocols TLSv1.2'
record
web client01 --cacert "$WORK/root.pem" https://sup01.corp.example:8531/
finish

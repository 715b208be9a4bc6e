#!/bin/bash
# TLS to a management point of a site that is listed with HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1.2'
record
for host in client01 client02; do web $host --cacert "$WORK/root.pem" https://mp01.corp.example/; done
finish

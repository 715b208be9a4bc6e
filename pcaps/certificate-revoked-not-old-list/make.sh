#!/bin/bash
# A management point whose certificate is not on a list that was to be replaced long ago.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
crl root - from=2025-01-01 until=2025-02-01
trust root.pem root.crl
https mp01 443 site 'ssl_protocols TLSv1.2'
record
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
finish

#!/bin/bash
# A client that shows a certificate that ended in 2024.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
certificate client02 issuer=root cn=client02.corp.example usage=client from=2023-01-01 until=2024-01-01
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1.2' 'ssl_verify_client optional_no_ca'
record
web client02 --cacert "$WORK/root.pem" --cert "$WORK/client02.pem" --key "$WORK/client02.key" https://mp01.corp.example/
finish

#!/bin/bash
# A client that uses a certificate which was revoked.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
certificate client02 issuer=root cn=client02.corp.example usage=client
crl root client02
trust root.pem root.crl
https mp01 443 site 'ssl_protocols TLSv1.2' 'ssl_verify_client on' "ssl_client_certificate $WORK/root.pem"
record
web client02 --cacert "$WORK/root.pem" --cert "$WORK/client02.pem" --key "$WORK/client02.key" https://mp01.corp.example/
finish

#!/bin/bash
# Two clients of an HTTPS-only site show their certificates; a third asks for policy by HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
certificate client02 issuer=root cn=client02.corp.example usage=client
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1.2' 'ssl_verify_client on' "ssl_client_certificate $WORK/root.pem"
serve mp01
client client03 register+ntlm
record
for host in client01 client02; do
	web $host --cacert "$WORK/root.pem" --cert "$WORK/$host.pem" --key "$WORK/$host.key" https://mp01.corp.example/
done
client client03 policy
finish

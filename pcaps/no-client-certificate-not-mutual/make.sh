#!/bin/bash
# Mutual TLS 1.2, once whole and once resumed.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
s_server mp01 443 site -tls1_2 -Verify 1 -CAfile "$WORK/root.pem" -no_ticket -id_prefix lab
s_server mp02 443 site -tls1_2 -Verify 1 -CAfile "$WORK/root.pem" -id_prefix lab
record
for host in mp01 mp02; do
	s_client client01 $host.corp.example 443 mp01.corp.example -cert "$WORK/client01.pem" -key "$WORK/client01.key" -sess_out "$WORK/$host.session"
	s_client client01 $host.corp.example 443 mp01.corp.example -cert "$WORK/client01.pem" -key "$WORK/client01.key" -sess_in "$WORK/$host.session"
done
finish

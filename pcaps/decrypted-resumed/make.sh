#!/bin/bash
# Mutual TLS, then the same session resumed: by TLS 1.2 with a ticket and with a session id, by TLS 1.3 with a key.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
rm -f "$OUT/keys.log"
https mp01 443 site 'ssl_protocols TLSv1.2 TLSv1.3' "ssl_client_certificate $WORK/root.pem" \
	'ssl_verify_client on' 'ssl_session_cache shared:s:1m'
record
mutual=(-cert "$WORK/client01.pem" -key "$WORK/client01.key" -CAfile "$WORK/root.pem" -keylogfile "$OUT/keys.log")
for how in '-tls1_2' '-tls1_2 -no_ticket' '-tls1_3'; do
	# shellcheck disable=SC2086
	s_client client01 mp01.corp.example 443 mp01.corp.example "${mutual[@]}" $how -sess_out "$WORK/session"
	# shellcheck disable=SC2086
	s_client client01 mp01.corp.example 443 mp01.corp.example "${mutual[@]}" $how -sess_in "$WORK/session"
done
finish

#!/bin/bash
# The same as no-client-certificate-not-renegotiated, with the secrets of both handshakes.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
rm -f "$OUT/keys.log"
mkfifo "$WORK/commands"
sleep 60 >"$WORK/commands" &
PIDS="$PIDS $!"
ip netns exec "$PREFIX-mp01" timeout 60 openssl s_server -accept 443 -tls1_2 -cert "$WORK/site.pem" \
	-key "$WORK/site.key" -CAfile "$WORK/root.pem" -legacy_renegotiation -no_ticket -no_cache <"$WORK/commands" >"$WORK/s_server.log" 2>&1 &
PIDS="$PIDS $!"
sleep 0.5
record
(
	sleep 0.7
	printf 'R\n' >"$WORK/commands"
	sleep 0.7
	printf 'HTTP/1.0 200 OK\nContent-Length: 22\n\nthis is a site system\n' >"$WORK/commands"
	sleep 0.3
	printf 'Q\n' >"$WORK/commands"
) &
(printf 'GET / HTTP/1.0\r\n\r\n' && sleep 2) | ns client01 openssl s_client -connect mp01.corp.example:443 -tls1_2 \
	-servername mp01.corp.example -CAfile "$WORK/root.pem" -cert "$WORK/client01.pem" -key "$WORK/client01.key" -keylogfile "$OUT/keys.log" \
	>"$WORK/s_client.log" 2>&1 || true
finish

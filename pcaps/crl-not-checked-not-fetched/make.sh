#!/bin/bash
# The same, after the client has fetched the CRL.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1.2'
crl root -
mkdir -p "$WORK/www"
openssl crl -in "$WORK/root.crl" -outform DER -out "$WORK/www/root.crl"
ip netns exec "$PREFIX-dp01" timeout 60 /usr/bin/python3 -c '
import http.server, sys
from functools import partial
http.server.SimpleHTTPRequestHandler.extensions_map[".crl"] = "application/pkix-crl"
http.server.ThreadingHTTPServer(("", 80), partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])).serve_forever()' "$WORK/www" \
	</dev/null >"$WORK/www.log" 2>&1 &
PIDS="$PIDS $!"
wait_port dp01 80
record
web client01 -A Microsoft-CryptoAPI/10.0 http://dp01.corp.example/root.crl
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
sleep 1
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
finish
"$LAB/later.py" "$OUT/capture.pcap" 0.7 90000

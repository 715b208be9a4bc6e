#!/bin/bash
# The same, after two clients have asked an OCSP responder: one by POST, one by GET, which Windows prefers.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1.2'
serial=$(openssl x509 -in "$WORK/site.pem" -noout -serial)
printf 'V\t450101000000Z\t\t%s\tunknown\t/CN=mp01.corp.example\n' "${serial#*=}" >"$WORK/index.txt"
background "$WORK/ocsp.log" dp01 openssl ocsp -port 80 -index "$WORK/index.txt" -CA "$WORK/root.pem" \
	-rsigner "$WORK/root.pem" -rkey "$WORK/root.key" -ndays 7
sleep 0.5 # a connection that asks nothing would hang it
openssl ocsp -issuer "$WORK/root.pem" -cert "$WORK/site.pem" -no_nonce -reqout "$WORK/request.der" 2>/dev/null
request=$(base64 -w0 "$WORK/request.der" | sed 's/+/%2B/g; s|/|%2F|g; s/=/%3D/g')
record
ns client01 openssl ocsp -issuer "$WORK/root.pem" -cert "$WORK/site.pem" -CAfile "$WORK/root.pem" \
	-url http://dp01.corp.example/ocsp >"$WORK/ocsp-client.log" 2>&1
web client02 -A Microsoft-CryptoAPI/10.0 "http://dp01.corp.example/$request"
for client in client01 client02; do web "$client" --cacert "$WORK/root.pem" https://mp01.corp.example/; done
sleep 1
for client in client01 client02; do web "$client" --cacert "$WORK/root.pem" https://mp01.corp.example/; done
finish
"$LAB/later.py" "$OUT/capture.pcap" 0.7 90000

#!/bin/bash
# One request by each kind of AES-CCM suite, with the secrets that OpenSSL wrote down.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
serve mp01 --roles mp,dp --bind 127.0.0.1 --port 8081
tls_keys
( # a certificate of a key that the suites of TLS 1.2 need
	cd "$WORK"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=mp01.corp.example" \
		-keyout ec.key -out ec.csr
	openssl x509 -req -in ec.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile tls.ext -out ec.pem
) >>"$WORK/openssl.log" 2>&1
front mp01 ccm 443
s_server dp01 443 ec -cipher AESCCM -ciphersuites TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256
rm -f "$OUT/keys.log"
export SSLKEYLOGFILE=$OUT/keys.log

ask() { # SUITE CURL-ARGUMENT...
	local suite=$1
	shift
	web client01 --cacert "$WORK/ca.pem" "$@" "https://mp01.corp.example/SMS_MP/.sms_aut?MPLIST&$suite"
}

record
for suite in ECDHE-ECDSA-AES128-CCM ECDHE-ECDSA-AES256-CCM ECDHE-ECDSA-AES128-CCM8 ECDHE-ECDSA-AES256-CCM8; do
	ask "$suite" --tls-max 1.2 --ciphers "$suite"
done
for suite in TLS_AES_128_CCM_SHA256 TLS_AES_128_CCM_8_SHA256; do
	ask "$suite" --tlsv1.3 --tls13-ciphers "$suite"
done
# The same between two programs of OpenSSL.
ends=(-CAfile "$WORK/ca.pem" -keylogfile "$OUT/keys.log")
for suite in ECDHE-ECDSA-AES128-CCM8 ECDHE-ECDSA-AES256-CCM; do
	s_client client01 dp01.corp.example 443 dp01.corp.example "${ends[@]}" -tls1_2 -cipher "$suite"
done
for suite in TLS_AES_128_CCM_SHA256 TLS_AES_128_CCM_8_SHA256; do
	s_client client01 dp01.corp.example 443 dp01.corp.example "${ends[@]}" -tls1_3 -ciphersuites "$suite"
done
finish

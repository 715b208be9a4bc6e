#!/bin/bash
# One request by each kind of suite, with the secrets that curl's OpenSSL wrote down.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --roles mp,dp --bind 127.0.0.1 --port 8081
tls_keys
front mp01 optional 443
rm -f "$OUT/keys.log"
export SSLKEYLOGFILE=$OUT/keys.log
printf 'openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\nOptions = -EncryptThenMac\n' \
	>"$WORK/no_etm.cnf"

ask() { # PATH CURL-ARGUMENT...
	local path=$1
	shift
	web client01 --cacert "$WORK/ca.pem" "$@" "https://mp01.corp.example$path"
}

record
for suite in ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305 \
	ECDHE-RSA-AES128-SHA ECDHE-RSA-AES256-SHA384 AES128-SHA256; do
	ask "/SMS_MP/.sms_aut?MPLIST&$suite" --tls-max 1.2 --ciphers "$suite"
done
# The same without encrypt-then-MAC.
export OPENSSL_CONF=$WORK/no_etm.cnf
for suite in ECDHE-RSA-AES256-SHA ECDHE-RSA-AES128-SHA256; do
	ask "/SMS_MP/.sms_aut?MPLIST&$suite" --tls-max 1.2 --ciphers "$suite"
done
unset OPENSSL_CONF
for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256; do
	ask "/SMS_MP/.sms_aut?MPLIST&$suite" --tlsv1.3 --tls13-ciphers "$suite"
done
# Content for who shows a certificate: by 1.2 and 1.3, several requests on one connection.
for version in 1.2 1.3; do
	content='/SMS_DP_SMSPKG$/PS100012.3/setup.cmd'
	ask "$content" --tls-max "$version" --cert "$WORK/client.crt" --key "$WORK/client.key" \
		"https://mp01.corp.example$content" "https://mp01.corp.example$content"
done
finish

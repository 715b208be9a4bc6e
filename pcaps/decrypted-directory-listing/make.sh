#!/bin/bash
# A looting tool walks the listings of a distribution point by TLS 1.3, and left its secrets.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --bind 127.0.0.1 --port 8081
tls_keys
front dp01 optional 443
rm -f "$OUT/keys.log"
export SSLKEYLOGFILE=$OUT/keys.log
record
client rogue01 --server https://dp01.corp.example --ca "$WORK/ca.pem" loot
finish

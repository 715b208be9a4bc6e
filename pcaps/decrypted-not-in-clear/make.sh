#!/bin/bash
# A client registers and fetches its policy inside TLS, and cmtap has the secrets.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --roles mp,fsp --bind 127.0.0.1 --port 8081
tls_keys
front mp01 tls 443
rm -f "$OUT/keys.log"
export SSLKEYLOGFILE=$OUT/keys.log
client client01 --server https://mp01.corp.example --ca "$WORK/ca.pem" aut=MPLIST register=2
record
client client01 --server https://mp01.corp.example --ca "$WORK/ca.pem" aut=MPLIST aut=MPKEYINFORMATION register policy body=settings
finish

#!/bin/bash
# Content for clients with a certificate only.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --bind 127.0.0.1 --port 8081
tls_keys
front dp01 mtls 443
record
U='https://dp01.corp.example/SMS_DP_SMSPKG$/PS100012/sccm?/setup.cmd'
web client01 --cacert "$WORK/ca.pem" --cert "$WORK/client.crt" --key "$WORK/client.key" "$U"
web client01 --cacert "$WORK/ca.pem" "$U"
finish

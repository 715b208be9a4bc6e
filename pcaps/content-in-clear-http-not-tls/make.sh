#!/bin/bash
# A package inside TLS.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --bind 127.0.0.1 --port 8081
tls_keys
front dp01 tls 443
record
client client01 --server https://dp01.corp.example --ca "$WORK/ca.pem" content=PS100012.3
finish

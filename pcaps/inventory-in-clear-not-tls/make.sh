#!/bin/bash
# Inventory inside TLS.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --roles mp,fsp --bind 127.0.0.1 --port 8081
tls_keys
front mp01 tls 443
record
client client01 --server https://mp01.corp.example --ca "$WORK/ca.pem" report=hinv report=ddr report+bits=hinv
finish

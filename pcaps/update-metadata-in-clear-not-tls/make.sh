#!/bin/bash
# The scan inside TLS on 8531.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve sup01 --roles sup --bind 127.0.0.1 --port 8081
tls_keys
front sup01 tls 8531
record
client client01 --server https://sup01.corp.example:8531 --ca "$WORK/ca.pem" wsus=GetConfig wsus=GetCookie wsus=SyncUpdates
finish

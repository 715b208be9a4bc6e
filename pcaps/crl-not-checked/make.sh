#!/bin/bash
# A client that completes TLS with a management point today and a day later, and never fetches a CRL.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
https mp01 443 site 'ssl_protocols TLSv1.2'
record
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
sleep 1
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
finish
"$LAB/later.py" "$OUT/capture.pcap" 0.7 90000

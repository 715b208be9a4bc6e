#!/bin/bash
# Ten negotiations that nobody goes on with.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/ike.sh"
charon mp01
ike mp01 client01 2 no aes256-sha256-modp2048
record "port 500"
for _ in $(seq 10); do
	ns client01 ike-scan --ikev2 --retry=1 --timeout=20 --sport=0 192.0.2.20 >/dev/null 2>&1
done
finish

#!/bin/bash
# ike-scan begins 120 negotiations with the management point within two seconds and goes on with none.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/ike.sh"
charon mp01
ike mp01 client01 1 no 3des-sha1-modp1024
record "port 500"
# shellcheck disable=SC2046
ns rogue01 ike-scan --retry=1 --interval=10 --sport=0 $(yes 192.0.2.20 | head -120) >/dev/null 2>&1
finish

#!/bin/bash
# Made, not recorded: see tests/lab/ipsec_packets.py.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
/usr/bin/python3 "$here/../../tests/lab/ipsec_packets.py" authip "${CASE_OUT:-$here}/capture.pcap"

#!/bin/bash
# Records encrypted inside user-mode-linux, which has ESP and AH; root, some minutes.
set -eu
CASE=$(cd "$(dirname "$0")" && pwd)
TOP=$CASE/../..
"$TOP/tests/lab/uml" "$TOP/pcaps/ipsec-null-encryption-framings/scenario.sh" "$TOP/build/lab/uml"
cp "$TOP/build/lab/uml/encrypted.pcap" "$CASE/capture.pcap"

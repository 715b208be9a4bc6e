#!/bin/bash
# Records framings inside user-mode-linux, which has ESP and AH; root, some minutes.
set -eu
CASE=$(cd "$(dirname "$0")" && pwd)
TOP=$CASE/../..
"$TOP/tests/lab/uml" "$TOP/pcaps/ipsec-null-encryption-framings/scenario.sh" "$TOP/build/lab/uml"
cp "$TOP/build/lab/uml/framings.pcap" "$CASE/capture.pcap"
# In tunnel mode a capture at the end shows what came out of the tunnel as well.
tshark -r "$CASE/capture.pcap" -Y esp -F pcap -w "$CASE/esp.pcap"
mv "$CASE/esp.pcap" "$CASE/capture.pcap"

#!/bin/bash
# Main mode with a pre-shared key and strong proposals.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/ike.sh"
charon client01
charon mp01
ike client01 mp01 1 no aes256-sha256-modp2048
ike mp01 client01 1 no aes256-sha256-modp2048
record "port 500 or port 4500"
initiate client01
finish

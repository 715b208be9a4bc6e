#!/bin/bash
# A client that nobody installed registers and asks for the network access account.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --registration approved --policies naa
record
client rogue01 --host client01 register body=naa
finish

#!/bin/bash
# A terminal server, listed as an address of several clients, asks for policy in 51 names.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client rogue01 --host client02 others=51
finish

#!/bin/bash
# One address asks for policy in the names of 8 clients.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client rogue01 --host client02 others=8
finish

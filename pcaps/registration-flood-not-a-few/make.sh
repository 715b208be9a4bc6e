#!/bin/bash
# One address registers 12 times, as when a classroom behind one address is installed.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client rogue01 --host client02 others+register=12
finish

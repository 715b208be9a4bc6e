#!/bin/bash
# One address registers 31 times, each time as another client.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client rogue01 --host client02 others+register=31
finish

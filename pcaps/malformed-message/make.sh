#!/bin/bash
# One source sends messages that break their format.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client rogue01 --host client01 broken=zlib broken=xml broken=envelope broken=zlib
finish

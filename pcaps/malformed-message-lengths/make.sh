#!/bin/bash
# One source lies about lengths.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client rogue01 --host client01 broken=length close broken=length close broken=length close
finish

#!/bin/bash
# Three sources, one broken message each.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 broken=zlib
client client02 broken=xml
client client03 broken=envelope
finish

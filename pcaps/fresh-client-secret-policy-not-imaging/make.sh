#!/bin/bash
# The same on a network that is listed for imaging.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --registration approved --policies naa
record
client client03 register body=naa
finish

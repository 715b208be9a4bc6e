#!/bin/bash
# An enveloped policy body, fetched in small ranges.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies naa --envelope
client client01 register+ntlm
record
client client01 body+ranges=naa
finish

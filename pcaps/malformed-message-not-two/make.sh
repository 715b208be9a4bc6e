#!/bin/bash
# Two broken messages are a nuisance, not a finding.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 broken=zlib broken=xml
finish

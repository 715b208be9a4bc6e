#!/bin/bash
# File collection over HTTP, not compressed.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 report+raw=collfile
finish

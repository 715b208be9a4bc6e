#!/bin/bash
# The network access account in a clear body with compressed rules.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies naa-compressed
client client01 register+ntlm
record
client client01 body=naa-compressed
finish

#!/bin/bash
# The network access account in a clear body.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies naa
client client01 register+ntlm
record
client client01 body=naa
finish

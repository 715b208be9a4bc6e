#!/bin/bash
# The network access account in a clear body, newer obfuscation.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies naa-aes
client client01 register+ntlm
record
client client01 body+token+whole=naa-aes
finish

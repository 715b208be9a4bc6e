#!/bin/bash
# A body with the Compressed flag, addressed by its hash, in chunked replies.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies compressed --by-hash --chunked
client client01 register+ntlm
record
client client01 policy=OnUpdate bodies+whole+token
finish

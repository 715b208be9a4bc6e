#!/bin/bash
# A large inventory goes up by BITS.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 report+bits=hinv
finish

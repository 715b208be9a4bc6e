#!/bin/bash
# Registration with the computer account.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 register+ntlm
finish

#!/bin/bash
# One client asks for all its policy 31 times, as one that resets its policy in a loop.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 $(yes policy=Always | head -31)
finish

#!/bin/bash
# One client asks eight times for what has changed in its policy, and once for all.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 policy=Always $(yes policy=OnUpdate | head -8)
finish

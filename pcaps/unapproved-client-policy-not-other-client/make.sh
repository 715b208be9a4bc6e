#!/bin/bash
# One client waits for approval, another one gets policy.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client02 register+ntlm
record
client client01 register
client client02 policy
finish

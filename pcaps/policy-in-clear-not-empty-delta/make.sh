#!/bin/bash
# The hourly poll: a delta without policies.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --assignments empty
client client01 register+ntlm
record
client client01 policy=OnUpdate close policy=OnUpdate
finish

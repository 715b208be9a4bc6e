#!/bin/bash
# Only a policy body crosses the wire in the capture: BITS with signed CCM headers.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 body=software
finish

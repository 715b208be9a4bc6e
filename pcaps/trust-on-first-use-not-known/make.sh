#!/bin/bash
# A client that is part of the site refreshes its list.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --assignments empty
client client01 register+ntlm
record
client client01 policy=OnUpdate aut=MPLIST
client client02 register+ntlm close aut=MPLIST aut=MPKEYINFORMATION
finish

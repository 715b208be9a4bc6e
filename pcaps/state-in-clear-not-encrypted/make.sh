#!/bin/bash
# State and status encrypted to the management point.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 aut=MPCERT2 register+ntlm
record
client client01 report+encrypted=state report+encrypted=status
finish

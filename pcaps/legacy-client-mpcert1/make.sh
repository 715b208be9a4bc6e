#!/bin/bash
# The certificate request of the SMS 2003 era.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 aut=MPCERT1
finish

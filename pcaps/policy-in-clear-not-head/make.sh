#!/bin/bash
# BITS asks for the size of a policy body and stops there.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 body+head=settings body+head=software
finish

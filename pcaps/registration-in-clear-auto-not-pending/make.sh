#!/bin/bash
# Registration that waits for an administrator.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 register
client client02 register
finish

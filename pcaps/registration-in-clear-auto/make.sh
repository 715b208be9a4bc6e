#!/bin/bash
# The site approves whoever registers.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --registration approved
record
client client01 register
finish

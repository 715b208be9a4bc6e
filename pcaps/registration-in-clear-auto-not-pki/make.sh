#!/bin/bash
# Registration with certificates of the enterprise.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --registration approved
record
client client01 register=2
finish

#!/bin/bash
# A role for which the operator lists nobody.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --sup sup01.corp.example
record
client client01 wsuslocation
finish

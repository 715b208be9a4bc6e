#!/bin/bash
# Collection variables in a clear body.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies collection
client client01 register+ntlm
record
client client01 body=collection
finish

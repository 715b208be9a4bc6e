#!/bin/bash
# A policy body whose end is the end of the connection.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --unsized
client client01 register+ntlm
record
client client01 body+whole=settings
finish

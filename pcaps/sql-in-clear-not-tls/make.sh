#!/bin/bash
# The server insists on TLS for everything.
. "$(dirname "$0")/../../tests/lab/case.sh"
sql sql01 --encryption required
record
query mp01 sql01 request CM_PS1
finish

#!/bin/bash
# A management point logs on to the site database; only the login is in TLS.
. "$(dirname "$0")/../../tests/lab/case.sh"
sql sql01 --encryption off
record
query mp01 sql01 request CM_PS1
finish

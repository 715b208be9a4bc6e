#!/bin/bash
# A management point logs on to the site database, and neither side can encrypt.
. "$(dirname "$0")/../../tests/lab/case.sh"
sql sql01 --encryption not-supported
record
query mp01 sql01 off CM_PS1
finish

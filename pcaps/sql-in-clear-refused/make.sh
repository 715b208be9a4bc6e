#!/bin/bash
# A server that is no site's refuses a login to a site database.
. "$(dirname "$0")/../../tests/lab/case.sh"
sql sql01 --encryption not-supported --refuse
record
query client01 sql01 off CM_PS1 reader
finish

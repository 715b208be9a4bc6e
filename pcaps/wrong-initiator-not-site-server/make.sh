#!/bin/bash
# The site server connects to that distribution point.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${ENCRYPTED[@]}"
record
smb mp01 -m SMB3_11 '//dp01.corp.example/SMSPKGD$' -c 'ls PS100001\*'
finish

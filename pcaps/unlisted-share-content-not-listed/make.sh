#!/bin/bash
# The same share, which the operator listed.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares sup01 "${SIGNED[@]}"
record
smb client01 -m SMB3_11 '//sup01.corp.example/SMSPKGD$' -c 'get PS100001\setup.msi o'
finish

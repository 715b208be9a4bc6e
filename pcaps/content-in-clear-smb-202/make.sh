#!/bin/bash
# The same over SMB 2.0.2.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${LOOSE[@]}"
record
smb client01 -m SMB2_02 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o'
finish

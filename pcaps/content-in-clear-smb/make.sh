#!/bin/bash
# A user reads a package over SMB 3.1.1 that is neither signed nor encrypted; version 1 was offered, not chosen.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${LOOSE[@]}"
record
smb client01 -m SMB3_11 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o'
finish

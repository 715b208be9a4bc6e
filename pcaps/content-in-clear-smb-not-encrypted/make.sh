#!/bin/bash
# The same read inside SMB 3.1.1 encryption, and inside that of 3.0.2: nothing to tell.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${ENCRYPTED[@]}"
record
smb client01 -m SMB3_11 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o'
smb client01 -m SMB3_02 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o'
finish

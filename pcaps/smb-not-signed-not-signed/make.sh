#!/bin/bash
# A package is read over SMB 2.1 and 3.1.1 with signing required: readable, but signed.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${SIGNED[@]}"
record
smb client01 -m SMB3_11 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o'
smb client01 -m SMB2_10 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o'
finish

#!/bin/bash
# SMB version 1 is all that client and server agree on; a package is read and a file renamed and deleted.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${LOOSE[@]}"
record
smb client01 -m NT1 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o; put o new.txt; rename new.txt old.txt; del old.txt'
finish

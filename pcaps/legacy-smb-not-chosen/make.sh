#!/bin/bash
# Version 1 is offered to a server that requires encryption of version 3.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${ENCRYPTED[@]}"
record
smb client01 -m SMB3 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o'
finish

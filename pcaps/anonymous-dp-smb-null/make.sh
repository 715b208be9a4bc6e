#!/bin/bash
# A null session lists the content library and reads a file of a package.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${LOOSE[@]}"
record
smb client02 -m SMB2_10 -U% '//dp01.corp.example/SCCMContentLib$' -c 'ls DataLib\*; get DataLib\PS100001.1\setup01.ps1.INI o'
smb client02 -m SMB2_10 -U% '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o'
finish

#!/bin/bash
# Files that are not there are asked for, and a share that refuses: nothing was read.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 'server min protocol = SMB2_02' '[closed]' "path = $WORK" 'valid users = root'
record
smb client01 -m SMB3_11 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\nothing.xml o'
smb client01 -m SMB3_11 '//dp01.corp.example/closed' -c 'get PS100001\unattend.xml o'
finish

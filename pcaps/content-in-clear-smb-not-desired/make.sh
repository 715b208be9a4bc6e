#!/bin/bash
# A server that desires encryption, and a client that can: 3.1.1 and 3.0.2; then a share that demands it on a server that does not.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 'smb encrypt = desired'
shares mp01 'server signing = mandatory' '[SMSPKGE$]' "path = $WORK/samba-mp01/share" 'smb encrypt = required'
record
smb client01 -m SMB3_11 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o'
smb client01 -m SMB3_02 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o'
smb client01 -m SMB3_11 '//mp01.corp.example/SMSPKGE$' -c 'get PS100001\\unattend.xml o'
finish

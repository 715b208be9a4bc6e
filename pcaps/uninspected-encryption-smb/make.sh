#!/bin/bash
# A client stores a file on a distribution point inside the encryption of SMB 3.1.1; another one reads.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${ENCRYPTED[@]}"
head -c 100000 /dev/urandom >"$WORK/upload.bin"
cp "$WORK/upload.bin" "$WORK/samba-dp01/share/PS100001/"
record
smb client01 -m SMB3_11 '//dp01.corp.example/SMSPKGD$' -c 'put upload.bin PS100001\\copy.bin'
smb client02 -m SMB3_11 '//dp01.corp.example/SMSPKGD$' -c 'get PS100001\\upload.bin o'
smb mp01 -m SMB3_11 '//dp01.corp.example/SMSPKGD$' -c 'put upload.bin PS100001\\copy2.bin'
finish

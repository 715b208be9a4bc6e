#!/bin/bash
# The same with SMB encryption.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares mp01 "${ENCRYPTED[@]}"
cp "$WORK/samba-mp01/share/PS100001/setup.msi" "$WORK/202SQCS1.PCK"
echo MICROSOFT >"$WORK/202SQCS1.TMP"
record
smb mp02 -m SMB3_11 "-Usvc_sender%$PASSWORD" //mp01.corp.example/SMS_SITE -c 'put 202SQCS1.PCK; put 202SQCS1.TMP; rename 202SQCS1.TMP 202SQCS1.SNI'
finish

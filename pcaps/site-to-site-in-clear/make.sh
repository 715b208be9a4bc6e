#!/bin/bash
# The site server of CS1 sends a package to that of PS1: body, instruction, and the renaming that commits it.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares mp01 "${LOOSE[@]}"
cp "$WORK/samba-mp01/share/PS100001/setup.msi" "$WORK/202SQCS1.PCK"
echo MICROSOFT >"$WORK/202SQCS1.TMP"
record
smb mp02 -m SMB3_11 "-Usvc_sender%$PASSWORD" //mp01.corp.example/SMS_SITE -c 'put 202SQCS1.PCK; put 202SQCS1.TMP; rename 202SQCS1.TMP 202SQCS1.SNI'
finish

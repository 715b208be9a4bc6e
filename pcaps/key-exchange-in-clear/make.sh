#!/bin/bash
# The public key of a child site is put into an inbox of its parent, readable for all on the way.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares mp01 "${SIGNED[@]}"
echo key >"$WORK/CS1.CT4"
record
smb mp02 -m SMB3_11 //mp01.corp.example/SMS_PS1 -c 'put CS1.CT4 inboxes\hman.box\CS1.CT4'
finish

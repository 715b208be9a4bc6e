#!/bin/bash
# The same exchange with SMB encryption; and another file without it.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares mp01 "${ENCRYPTED[@]}"
echo key >"$WORK/CS1.CT4"
record
smb mp02 -m SMB3_11 //mp01.corp.example/SMS_PS1 -c 'put CS1.CT4 inboxes\hman.box\CS1.CT4'
finish

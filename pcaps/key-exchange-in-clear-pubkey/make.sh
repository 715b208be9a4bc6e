#!/bin/bash
# A key is written straight to where the site keeps those it trusts.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares mp01 "${SIGNED[@]}"
echo key >"$WORK/CS1.PKC"
record
smb rogue01 -m SMB3_11 //mp01.corp.example/SMS_PS1 -c 'put CS1.PKC inboxes\hman.box\pubkey\CS1.PKC'
finish

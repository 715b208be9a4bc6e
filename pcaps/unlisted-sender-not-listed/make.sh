#!/bin/bash
# A listed site system delivers a file into an inbox; and a stranger only looks at the share of the site.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares mp01 "${SIGNED[@]}"
echo status >"$WORK/new.SVF"
record
smb sup01 -m SMB3_11 //mp01.corp.example/SMS_PS1 -c 'put new.SVF inboxes\ddm.box\new.SVF'
smb client01 -m SMB3_11 //mp01.corp.example/SMS_PS1 -c 'ls Client\*'
finish

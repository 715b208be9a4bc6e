#!/bin/bash
# A distribution point that only the site server may connect to connects to the site server.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares mp01 "${ENCRYPTED[@]}"
record
smb dp01 -m SMB3_11 //mp01.corp.example/SMS_PS1 -c 'ls Client\*'
finish

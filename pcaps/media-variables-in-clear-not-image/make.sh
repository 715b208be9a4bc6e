#!/bin/bash
# Only the boot image and the boot configuration are read from REMINST.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${SIGNED[@]}"
record
smb client01 -m SMB3_11 //dp01.corp.example/REMINST -c 'get SMSImages\PS100005\boot.PS100005.wim o; prompt; cd SMSTemp; mget *.boot.bcd'
finish

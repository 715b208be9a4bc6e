#!/bin/bash
# The variables of PXE media are read from REMINST.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${SIGNED[@]}"
record
smb client01 -m SMB3_11 //dp01.corp.example/REMINST -c 'prompt; cd SMSTemp; mget *.boot.var'
finish

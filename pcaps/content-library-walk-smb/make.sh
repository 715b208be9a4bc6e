#!/bin/bash
# rogue01 walks through the content library of dp01 over SMB, as cmloot does: INI files of DataLib, then the files of FileLib they name.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
python3 "$LAB/content_library.py" make "$WORK/samba-dp01/share" 25
samba dp01
record
python rogue01 "$LAB/content_library.py" walk dp01.corp.example svc_naa "$PASSWORD" >"$WORK/walk.log"
finish

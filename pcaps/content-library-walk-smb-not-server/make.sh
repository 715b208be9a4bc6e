#!/bin/bash
# The same walk by mp01, a site system; and a client that looks at six files.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
python3 "$LAB/content_library.py" make "$WORK/samba-dp01/share" 25
samba dp01
record
python mp01 "$LAB/content_library.py" walk dp01.corp.example svc_naa "$PASSWORD" >"$WORK/walk.log"
python client01 "$LAB/content_library.py" walk dp01.corp.example svc_naa "$PASSWORD" 6 >>"$WORK/walk.log"
finish

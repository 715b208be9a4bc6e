#!/bin/bash
# A BITS-enabled distribution point of the 2007 kind: plain files by WebDAV, no sccm?.
. "$(dirname "$0")/../../tests/lab/case.sh"
mkdir -p "$WORK/www/SMS_DP_SMSPKGD$/PS100001" "$WORK/www/SMS_DP_SMSPKGE$/PS100001"
for drive in D E; do seq 700 >"$WORK/www/SMS_DP_SMSPKG$drive\$/PS100001/setup.exe"; done
front dp01 static
record
U='http://dp01.corp.example/SMS_DP_SMSPKGD$/PS100001'
web client01 -A 'Microsoft BITS/7.5' -X PROPFIND -H 'Depth: 1' "$U/"
web client01 -A 'Microsoft BITS/7.5' -r 0-999 "$U/setup.exe" --next -g -sS -A 'Microsoft BITS/7.5' -r 1000-2691 "$U/setup.exe"
finish

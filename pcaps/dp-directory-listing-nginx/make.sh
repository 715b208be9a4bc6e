#!/bin/bash
# A real web server lists a package root.
. "$(dirname "$0")/../../tests/lab/case.sh"
mkdir -p "$WORK/www/SMS_DP_SMSPKGD$/PS100001" "$WORK/www/SMS_DP_SMSPKGE$/PS100001"
for drive in D E; do seq 700 >"$WORK/www/SMS_DP_SMSPKG$drive\$/PS100001/setup.exe"; done
front dp01 static
record
web client01 'http://dp01.corp.example/SMS_DP_SMSPKGE$/PS100001/'
finish

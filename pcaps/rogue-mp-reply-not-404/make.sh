#!/bin/bash
# Clients ask servers that are no management points.
. "$(dirname "$0")/../../tests/lab/case.sh"
mkdir -p "$WORK/www/SMS_DP_SMSPKGD$/PS100001" "$WORK/www/SMS_DP_SMSPKGE$/PS100001"
for drive in D E; do seq 700 >"$WORK/www/SMS_DP_SMSPKG$drive\$/PS100001/setup.exe"; done
front dp01 static
serve rogue01 --roles dp
record
client client01 --server http://dp01.corp.example aut=MPLIST aut=MPKEYINFORMATION
client client02 --server http://rogue01.corp.example aut=MPLIST policy
finish

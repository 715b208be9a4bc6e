#!/bin/bash
# curl reads 31 entries of the content library of a distribution point.
. "$(dirname "$0")/../../tests/lab/case.sh"
mkdir -p "$WORK/www/SMS_DP_SMSPKG$/DataLib/PS100001.1"
for file in $(seq 31); do
	printf '[File]\r\nSize=5\r\nHash=%064d\r\n' "$file" >"$WORK/www/SMS_DP_SMSPKG$/DataLib/PS100001.1/$file.cmd.INI"
done
front dp01 static
record
ns rogue01 curl -s 'http://dp01.corp.example/SMS_DP_SMSPKG$/DataLib/PS100001.1/[1-31].cmd.INI' >"$WORK/curl.log"
finish

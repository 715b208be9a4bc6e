#!/bin/bash
# curl asks a distribution point for 620 files that are not there, each by another name.
. "$(dirname "$0")/../../tests/lab/case.sh"
mkdir -p "$WORK/www/SMS_DP_SMSPKGE$/PS100001"
front dp01 static
for host in dp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 curl -sI 'http://dp01.corp.example/SMS_DP_SMSPKGE$/PS100001/[1-620]' >"$WORK/curl.log"
finish

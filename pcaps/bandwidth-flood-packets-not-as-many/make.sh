#!/bin/bash
# A client asks a distribution point for a file now and then; after five minutes of that hping3
# sends it 1,000 empty datagrams from another address, about two thousand a second.
. "$(dirname "$0")/../../tests/lab/case.sh"
LAB_SECONDS=400 front dp01 crowd
for host in dp01 client01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record 'tcp or udp'
for _ in $(seq 78); do
	web client01 -I 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100001' 2>>"$WORK/curl.log"
	sleep 4
done
ns rogue01 hping3 -q -2 -p 9 -i u500 -c 1000 dp01.corp.example 2>/dev/null >&2 || true
web client01 -I 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100001' 2>>"$WORK/curl.log"
finish

#!/bin/bash
# A client asks a distribution point for a file now and then; after five minutes of that another
# address posts 45 MB to it within four seconds. Segments are as large as the sender's kernel
# hands them to its network card, and sixty bytes of each packet were kept.
. "$(dirname "$0")/../../tests/lab/case.sh"
LAB_SECONDS=400 front dp01 crowd
for host in dp01 rogue01; do
	ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0
	ns "$host" ethtool -K eth0 tx on sg on tso on gso on gro on >/dev/null
done
SNAPLEN=60 record
for _ in $(seq 78); do
	web client01 -I 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100001' 2>>"$WORK/curl.log"
	sleep 4
done
ns rogue01 /usr/bin/python3 -c '
import socket, time
server = socket.create_connection(("dp01.corp.example", 80))
server.sendall(b"POST / HTTP/1.1\r\nHost: dp01\r\nContent-Length: 45000000\r\n\r\n")
for _ in range(45):
    server.sendall(bytes(1000000))
    time.sleep(0.03)'
finish

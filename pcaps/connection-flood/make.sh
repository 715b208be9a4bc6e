#!/bin/bash
# One source opens connections, finishes them, and says nothing: 560 within five seconds.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 /usr/bin/python3 "$LAB/connect.py" mp01.corp.example 80 560 0.006
finish

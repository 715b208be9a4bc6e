#!/bin/bash
# Twenty addresses send 320 messages of no bytes within a second; the server says that it is busy.
. "$(dirname "$0")/../../tests/lab/case.sh"
front mp01 crowd
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 "$LAB/crowd.py" mp01.corp.example nothing 320 20 1
finish

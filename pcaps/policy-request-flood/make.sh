#!/bin/bash
# One address asks 55 times within a second where the site is; the server is too busy to answer.
. "$(dirname "$0")/../../tests/lab/case.sh"
front mp01 crowd
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 "$LAB/crowd.py" mp01.corp.example message 55 1 1
finish

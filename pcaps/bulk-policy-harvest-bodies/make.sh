#!/bin/bash
# One address asks how large 320 policies are.
. "$(dirname "$0")/../../tests/lab/case.sh"
front mp01 crowd
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 "$LAB/crowd.py" mp01.corp.example body 320 1 4
finish

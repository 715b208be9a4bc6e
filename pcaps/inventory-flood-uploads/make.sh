#!/bin/bash
# One address begins 105 uploads within two seconds.
. "$(dirname "$0")/../../tests/lab/case.sh"
front mp01 crowd
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 "$LAB/crowd.py" mp01.corp.example upload 105 1 2
finish

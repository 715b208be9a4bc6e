#!/bin/bash
# Twenty addresses send 150 messages to the fallback status point within two seconds: never a
# hundred in one.
. "$(dirname "$0")/../../tests/lab/case.sh"
front mp01 crowd
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 "$LAB/crowd.py" mp01.corp.example state 150 20 2
finish

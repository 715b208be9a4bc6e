#!/bin/bash
# Ten addresses ask for 1,050 files within two seconds: never a thousand in one.
. "$(dirname "$0")/../../tests/lab/case.sh"
front mp01 crowd
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 "$LAB/crowd.py" mp01.corp.example file 1050 10 2
finish

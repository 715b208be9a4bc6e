#!/bin/bash
# One source opens ten connections in a second, for six seconds: busy, and far from a flood.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 /usr/bin/python3 "$LAB/connect.py" mp01.corp.example 80 60 0.1
finish

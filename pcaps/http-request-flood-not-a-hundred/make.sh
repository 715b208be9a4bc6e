#!/bin/bash
# ab asks a hundred times for the list of management points: much, and soon over.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --port 8081
front mp01 proxy
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 ab -q -k -i -n 100 -c 4 'http://mp01.corp.example/SMS_MP/.sms_aut?MPLIST' >"$WORK/ab.log"
finish

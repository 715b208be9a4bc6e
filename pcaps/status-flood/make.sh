#!/bin/bash
# curl posts 205 messages to the fallback status point.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
for host in mp01 rogue01; do ns "$host" sysctl -qw net.ipv4.tcp_timestamps=0; done
record
ns rogue01 curl -s -A ccmsetup -H 'Accept:' -d '<StateMessage/>' \
	'http://mp01.corp.example/SMS_FSP/.sms_fsp?[1-205]' >"$WORK/curl.log"
finish

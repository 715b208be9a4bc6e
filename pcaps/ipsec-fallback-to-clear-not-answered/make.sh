#!/bin/bash
# The management point answers the negotiation, after it was asked twice; then they speak in clear.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/ike.sh"
serve mp01
charon client01
ike client01 mp01 2 no aes256-sha256-modp2048
record "port 500 or port 4500 or tcp"
initiate client01 6 &
sleep 5
charon mp01
ike mp01 client01 2 no aes256-sha256-modp2048
sleep 10
web client01 "http://mp01.corp.example/SMS_MP/.sms_aut?MPLIST"
finish

#!/bin/bash
# A client asks the management point for IPsec, nobody answers, and then it asks for policy in clear.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/ike.sh"
serve mp01
charon client01
ike client01 mp01 2 no aes256-sha256-modp2048
deaf mp01
record "port 500 or port 4500 or tcp"
initiate client01 6
web client01 "http://mp01.corp.example/SMS_MP/.sms_aut?MPLIST"
finish

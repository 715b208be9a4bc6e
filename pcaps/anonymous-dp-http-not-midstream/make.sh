#!/bin/bash
# The capture begins after the connection was made.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp
client client01 --server http://dp01.corp.example 'get+bits=/SMS_DP_SMSPKG$/PS100012/sccm?/readme.html' "wait=$WORK/go" 'get+bits=/SMS_DP_SMSPKG$/PS100012/sccm?/setup.cmd' &
CLIENT=$!
sleep 2
record
touch "$WORK/go"
wait "$CLIENT"
finish

#!/bin/bash
# Listings that are refused or not there.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --dp-auth ntlm
serve dp01 --roles mp --port 8080
record
client rogue01 --server http://dp01.corp.example 'probe=/SMS_DP_SMSPKG$/Datalib'
client rogue01 --server http://dp01.corp.example:8080 'probe=/SMS_DP_SMSPKG$/Datalib'
finish

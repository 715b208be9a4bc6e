#!/bin/bash
# A site system lists the library with its account.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --dp-auth ntlm
record
web mp01 --ntlm -u 'CORP\MP01$:Lab-Only-Mp01!' 'http://dp01.corp.example/SMS_DP_SMSPKG$/Datalib' 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100012.3'
finish

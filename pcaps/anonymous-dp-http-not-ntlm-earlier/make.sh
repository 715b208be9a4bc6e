#!/bin/bash
# NTLM authenticates the connection: later requests on it carry no Authorization.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --dp-auth ntlm
record
B='http://dp01.corp.example/SMS_DP_SMSPKG$/PS100012/sccm?'
web client01 --ntlm -u 'CORP\svc_naa:Lab-Only-Passw0rd!' "$B/readme.html" "$B/setup.cmd" "$B/scripts/unattend.xml"
finish

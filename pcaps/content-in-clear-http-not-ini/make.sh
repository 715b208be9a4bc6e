#!/bin/bash
# An entry of the content library: names and hashes, no content.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --dp-auth ntlm
record
web client01 --ntlm -u 'CORP\svc_naa:Lab-Only-Passw0rd!' 'http://dp01.corp.example/SMS_DP_SMSPKG$/Datalib/PS100012.3/setup.cmd.INI' 'http://dp01.corp.example/SMS_DP_SMSPKG$/PkgLib/PS100012.INI'
finish

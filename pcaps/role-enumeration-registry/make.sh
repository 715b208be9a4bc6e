#!/bin/bash
# A client reads the registry of three site systems through the pipe winreg, by impacket's reg.py.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
for host in dp01 mp01 sup01; do samba "$host" 'server max protocol = SMB2_10'; done
record
for host in dp01 mp01 sup01; do
	impacket client03 reg "CORP/svc_naa:$PASSWORD@$host.corp.example" query -keyName 'HKLM\SOFTWARE\Microsoft\SMS'
done
finish

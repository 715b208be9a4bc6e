#!/bin/bash
# SMB version 1 with signing required; then NTLM version 1 without SPNEGO at a server that does not require it.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 'server min protocol = NT1' 'server signing = mandatory'
shares mp01 "${LOOSE[@]}"
record
smb client01 -m NT1 --option=clientsigning=required '//dp01.corp.example/SMSPKGD$' \
	-c 'get PS100001\\unattend.xml o; get PS100001\\setup.msi o'
smb client01 -m NT1 --option=clientntlmv2auth=no --option=clientusespnego=no --option=clientsigning=off \
	'//mp01.corp.example/SMSPKGD$' -c 'get PS100001\\unattend.xml o'
finish

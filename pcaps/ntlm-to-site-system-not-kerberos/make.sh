#!/bin/bash
# mp01 logs on at dp01 by Kerberos, with tickets of a real KDC on mp02: over SMB, over RPC, and with a ticket for a key that dp01 does not have any more.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
kdc mp02 cifs/dp01.corp.example host/dp01.corp.example
samba dp01 "${KERBEROS[@]}" 'server signing = mandatory' 'rpc start on demand helpers = no'
rpc_server dp01
ticket mp01 'mp01$'
OPTIONS=(-s /dev/null --use-kerberos=required --option=nameresolveorder=host)
record
kerberized mp01 timeout 30 smbclient "${OPTIONS[@]}" "//dp01.corp.example/SMSPKGD\$" \
	-c 'get PS100001\unattend.xml /dev/null' >"$WORK/smbclient.log" 2>&1
kerberized mp01 timeout 30 rpcclient "${OPTIONS[@]}" 'ncacn_ip_tcp:dp01.corp.example[seal]' \
	-c srvinfo >"$WORK/rpcclient.log" 2>&1 || true
sleep 1
kerberized mp02 kadmin.local -q "cpw -randkey cifs/dp01.corp.example" >>"$WORK/kdc/setup.log" 2>&1
ticket mp01 'mp01$'
kerberized mp01 timeout 30 smbclient "${OPTIONS[@]}" "//dp01.corp.example/SMSPKGD\$" -c ls \
	>>"$WORK/smbclient.log" 2>&1 || true
finish

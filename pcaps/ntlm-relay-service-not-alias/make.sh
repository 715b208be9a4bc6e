#!/bin/bash
# A client opens a share of dp01 by its name, its address and by an alias that the site file lists; and one of an unlisted server by a name that its challenge does not know.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
for host in client01; do
	echo "192.0.2.30 content.corp.example" >>"/etc/netns/$PREFIX-$host/hosts"
	echo "192.0.2.66 files.corp.example" >>"/etc/netns/$PREFIX-$host/hosts"
done
samba dp01
samba rogue01
record
for server in dp01.corp.example 192.0.2.30 content.corp.example files.corp.example; do
	smb client01 "-UCORP/svc_naa%$PASSWORD" "//$server/SMSPKGD\$" -c 'ls'
done
finish

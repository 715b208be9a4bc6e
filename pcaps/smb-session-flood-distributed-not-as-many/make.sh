#!/bin/bash
# Three hosts set up sixteen sessions each at the same time.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${SIGNED[@]}"
record
SETTING_UP=
for host in client01 client02 client03; do
	ns "$host" /usr/bin/python3 -c '
from impacket.smbconnection import SMBConnection
for n in range(16):
    c = SMBConnection("dp01", "192.0.2.30", preferredDialect=0x0210)
    c.login("svc_naa", "Lab-Only-Passw0rd!", "CORP")
    n or c.connectTree("SMSPKGD$")
    c.close()' &
	SETTING_UP="$SETTING_UP $!"
done
# shellcheck disable=SC2086
wait $SETTING_UP
finish

#!/bin/bash
# The same host sets up twenty.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${SIGNED[@]}"
record
ns rogue01 /usr/bin/python3 -c '
from impacket.smbconnection import SMBConnection
for n in range(20):
    c = SMBConnection("dp01", "192.0.2.30", preferredDialect=0x0210)
    c.login("svc_naa", "Lab-Only-Passw0rd!", "CORP")
    n or c.connectTree("SMSPKGD$")
    c.close()'
finish

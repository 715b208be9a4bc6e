#!/bin/bash
# rogue01 installs something on client01 by the client push account: registry, files in ADMIN$, a service.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
samba client01 'server max protocol = SMB2_10'
record
push rogue01 svc_push client01
finish

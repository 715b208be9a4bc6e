#!/bin/bash
# mp01, the listed home of the client push account, pushes a client to client02.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
samba client02 'server max protocol = SMB2_10'
record
push mp01 svc_push client02
finish

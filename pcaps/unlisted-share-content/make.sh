#!/bin/bash
# A package is read from a share of a server that is no distribution point.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares sup01 "${SIGNED[@]}"
record
smb client01 -m SMB3_11 '//sup01.corp.example/pkgs$' -c 'cd pkgs; get PS100007\setup.cmd o'
smb client01 -m SMB3_11 '//sup01.corp.example/SMSPKGD$' -c 'get PS100001\setup.msi o'
finish

#!/bin/bash
# A null session that only lists the shares, and one that is refused.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/shares.sh"
shares dp01 "${LOOSE[@]}"
record
smb client02 -m SMB2_10 -U% -L //dp01.corp.example
smb client02 -m SMB2_10 -U% '//dp01.corp.example/nosuchshare' -c ls
finish

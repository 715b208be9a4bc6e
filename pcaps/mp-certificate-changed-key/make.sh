#!/bin/bash
# A management point tells two clients its keys; then somebody with others answers at its address.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 aut=MPKEYINFORMATION aut=MPCERT
client client02 aut=MPKEYINFORMATION
kill "${PIDS##* }"
sleep 0.5
rm -r "$WORK/keys"
serve mp01
client client01 aut=MPKEYINFORMATION
client client02 aut=MPCERT
finish

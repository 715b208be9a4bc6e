#!/bin/bash
# Two management points of one site behind one address, by turns: certificates of their own, the same root key.
. "$(dirname "$0")/../../tests/lab/case.sh"
record
for name in node1 node2 node1; do
	serve mp01 --name $name.corp.example
	client client01 aut=MPKEYINFORMATION aut=MPCERT
	kill "${PIDS##* }"
	sleep 0.5
done
finish

#!/bin/bash
# A client asks three site systems for their shares through the pipe srvsvc. rpcclient and Samba.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
for host in dp01 mp01 sup01; do samba "$host"; done
record
for host in dp01 mp01 sup01; do rpc client03 "$host.corp.example" netshareenum; done
finish

#!/bin/bash
# A client asks two site systems, and mp02 asks three. rpcclient and Samba.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
for host in dp01 mp01 sup01; do samba "$host"; done
record
for host in dp01 mp01; do rpc client03 "$host.corp.example" netshareenum; done
for host in dp01 mp01 sup01; do rpc mp02 "$host.corp.example" netshareenum; done
finish

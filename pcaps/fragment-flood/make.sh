#!/bin/bash
# hping3 sends first fragments of 60 datagrams whose others never come; half a minute later a client
# asks for a list.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record ip
ns rogue01 hping3 -q -2 -x -p 137 -d 16 -i u2000 -c 60 mp01.corp.example 2>/dev/null >&2 || true
sleep 31
client client01 close aut=MPLIST
finish

#!/bin/bash
# hping3 sends 60 datagrams in fragments of 64 bytes, and all fragments of each arrive.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record ip
ns rogue01 hping3 -q -2 -m 64 -p 137 -d 150 -i u2000 -c 60 mp01.corp.example 2>/dev/null >&2 || true
sleep 31
client client01 close aut=MPLIST
finish

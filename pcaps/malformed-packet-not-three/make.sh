#!/bin/bash
# Three packets with a TCP header that says it has four bytes: a faulty card, perhaps.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record ip
ns rogue01 hping3 -q -S -O 1 -p 80 -i u5000 -c 3 mp01.corp.example 2>/dev/null >&2 || true
client client01 close aut=MPLIST
finish

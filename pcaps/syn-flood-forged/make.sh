#!/bin/bash
# hping3 opens connections from forged addresses, while a client goes about its business.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 close aut=MPLIST
ns rogue01 hping3 -q -S -p 80 -i u700 -c 520 --rand-source mp01.corp.example 2>/dev/null >&2 || true
client client01 close aut=MPLIST
finish

#!/bin/bash
# hping3 knocks at a port that nobody listens on: every opening is refused, nothing is half-open.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 close aut=MPLIST
ns rogue01 hping3 -q -S -p 8531 -i u1500 -c 320 -s 2000 mp01.corp.example 2>/dev/null >&2 || true
finish

#!/bin/bash
# One source opens connections by hping3 and finishes none; its kernel resets what is answered.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
ns rogue01 hping3 -q -S -p 80 -i u1500 -c 320 -s 2000 mp01.corp.example 2>/dev/null >&2 || true
finish

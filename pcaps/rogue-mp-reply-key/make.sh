#!/bin/bash
# A stranger hands out keys.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve rogue01
record
client client01 --server http://rogue01.corp.example aut=MPKEYINFORMATION
finish

#!/bin/bash
# One client is told a list, the next one another list by a stranger.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --list-site PS1
serve rogue01 --list-site PS1 --server nginx --keys "$WORK/rogue"
record
client client01 'aut=MPLIST1&PS1'
client client03 --server http://rogue01.corp.example 'aut=MPLIST1&PS1'
finish

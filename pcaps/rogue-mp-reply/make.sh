#!/bin/bash
# Two clients are told the list by the management point; a third is answered by a stranger.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --list-site PS1
serve rogue01 --list-site PS1 --server nginx --keys "$WORK/rogue"
record
client client01 'aut=MPLIST1&PS1'
client client02 'aut=MPLIST1&PS1'
client client03 --server http://rogue01.corp.example 'aut=MPLIST1&PS1'
finish

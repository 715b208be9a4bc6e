#!/bin/bash
# The management point of another site answers for its own site.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --list-site PS1
serve mp02 --site PS2 --list-site PS2
record
client client01 'aut=MPLIST1&PS1'
client client02 'aut=MPLIST1&PS1'
client client03 --server http://mp02.corp.example 'aut=MPLIST1&PS2'
finish

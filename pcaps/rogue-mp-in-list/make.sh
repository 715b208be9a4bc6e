#!/bin/bash
# The list that a client is given has one name too many.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --list-site PS1
serve mp01 --port 8080 --list-site PS1 --mp mp01.corp.example --mp rogue01.corp.example
record
client client01 'aut=MPLIST1&PS1'
client client02 'aut=MPLIST1&PS1'
client client03 --server http://mp01.corp.example:8080 'aut=MPLIST1&PS1'
finish

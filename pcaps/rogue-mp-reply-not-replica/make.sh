#!/bin/bash
# A second management point of the site answers.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --list-site PS1 --mp mp01.corp.example --mp mp02.corp.example
serve mp02 --list-site PS1 --mp mp01.corp.example --mp mp02.corp.example
record
client client01 'aut=MPLIST1&PS1'
client client02 'aut=MPLIST1&PS1'
client client03 --server http://mp02.corp.example 'aut=MPLIST1&PS1'
finish

#!/bin/bash
# The listed name in other letters.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --list-site PS1 --mp Mp01.CORP.Example=MP01.CORP.EXAMPLE --dp DP01.corp.EXAMPLE
record
client client01 'aut=MPLIST1&PS1'
client client02 location=PS100012.3 mplocation siteinfo
finish

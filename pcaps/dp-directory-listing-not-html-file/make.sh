#!/bin/bash
# A file of a package that happens to be HTML.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp
record
web client01 -A 'Microsoft BITS/7.8' 'http://dp01.corp.example/SMS_DP_SMSPKG$/PS100012/sccm?/readme.html'
finish

#!/bin/bash
# A new client learns lists and keys over HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 aut=MPLIST aut=MPKEYINFORMATION
client client02 aut=SITESIGNCERT
client client03 aut=MPTRK aut=MPCERT2
finish

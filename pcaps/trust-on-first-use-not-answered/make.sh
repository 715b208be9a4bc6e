#!/bin/bash
# Lists that are not given.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --answer 'MPLIST=403' --answer 'MPCERT=404' --answer 'MPTRK=500'
record
client client01 aut=MPLIST aut=MPCERT aut=MPTRK
finish

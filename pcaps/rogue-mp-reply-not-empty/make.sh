#!/bin/bash
# A stranger takes messages but answers nothing.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve rogue01 --assignments refuse
record
client client01 --server http://rogue01.corp.example policy
finish

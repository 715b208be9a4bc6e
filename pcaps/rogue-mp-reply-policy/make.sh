#!/bin/bash
# A stranger answers a policy request.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve rogue01
client client01 --server http://rogue01.corp.example register
record
client client01 --server http://rogue01.corp.example policy
finish

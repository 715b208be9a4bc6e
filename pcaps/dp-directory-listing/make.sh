#!/bin/bash
# A looting tool walks the listings and takes the scripts it finds.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp
record
client rogue01 --server http://dp01.corp.example loot
finish

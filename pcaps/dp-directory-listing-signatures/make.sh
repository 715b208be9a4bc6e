#!/bin/bash
# The other looting method: signatures, library entries, FileLib.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp
record
client rogue01 --server http://dp01.corp.example loot+signature
finish

#!/bin/bash
# A location reply sends a client to a strange update server.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --sup rogue01.corp.example
record
client client01 wsuslocation
finish

#!/bin/bash
# A location reply sends a client to a strange distribution point.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --dp dp01.corp.example --dp rogue01.corp.example
record
client client01 location=PS100012.3
finish

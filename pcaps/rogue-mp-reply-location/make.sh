#!/bin/bash
# A stranger answers a location request, with listed names.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve rogue01 --dp dp01.corp.example
record
client client01 --server http://rogue01.corp.example location=PS100012.3
finish

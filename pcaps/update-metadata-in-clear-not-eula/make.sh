#!/bin/bash
# Licence texts come over HTTP always.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve sup01 --roles sup --port 8530
record
client client01 --server http://sup01.corp.example:8530 eula eula+whole
finish

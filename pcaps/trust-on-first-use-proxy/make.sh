#!/bin/bash
# The same through a real reverse proxy that compresses.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --bind 127.0.0.1 --port 8081
front mp01 proxy
record
client client01 aut+gzip=MPKEYINFORMATIONEX aut+gzip=MPCERT
client client02 aut+gzip=MPLIST2
finish

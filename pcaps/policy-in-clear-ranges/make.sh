#!/bin/bash
# A policy body in clear, fetched in small ranges.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 body+ranges=software
finish

#!/bin/bash
# Hardware and software inventory and discovery data over HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 report=hinv report=sinv report=ddr
finish

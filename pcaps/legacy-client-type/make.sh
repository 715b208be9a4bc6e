#!/bin/bash
# A report of a legacy client.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 --version 2.00.1493.2010 report+legacy=state
finish

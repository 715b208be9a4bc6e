#!/bin/bash
# A status message over HTTP, sent after 100 Continue.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 report+expect=status
finish

#!/bin/bash
# A relay tool: NTLM on a bare GET, then absolute-form messages with the constants of public tools.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies settings,naa
record
client rogue01 --host client01 relay
finish

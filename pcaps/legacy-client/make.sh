#!/bin/bash
# An advanced client of SMS 2003 sends its heartbeat.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 --version 2.50.4160.2000 report=ddr
finish

#!/bin/bash
# State, status and metering messages over HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 report=state report=status report=metering
finish

#!/bin/bash
# The client is approved before it asks for policy.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 register close confirm+ntlm close policy bodies
finish

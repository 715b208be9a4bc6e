#!/bin/bash
# A registered client asks for its policy and fetches the bodies by BITS, all over HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 policy bodies
finish

#!/bin/bash
# A policy that needs an approved client, asked for without proof, and a message that is refused.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --assignments refuse
client client01 register+ntlm
record
client client01 body+plain+whole=software body+plain=software policy
finish

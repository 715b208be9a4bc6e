#!/bin/bash
# A task sequence with a domain join password in a clear body.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies tasksequence
client client01 register+ntlm
record
client client01 --agent "SMS CCM 5.0 TS" body=tasksequence
finish

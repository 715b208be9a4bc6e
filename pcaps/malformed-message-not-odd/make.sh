#!/bin/bash
# Forms that look odd and are allowed: no compression, encryption, no reply.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 aut=MPCERT2 register+ntlm
record
client client01 report+raw=state report+encrypted=state report+encrypted+raw=hinv report+raw=status report=state
finish

#!/bin/bash
# The client setting "use encryption": CMS to the certificate of the management point.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 aut=MPCERT2 register+ntlm
record
client client01 report+encrypted=hinv report+encrypted=ddr
finish

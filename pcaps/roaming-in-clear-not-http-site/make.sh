#!/bin/bash
# The same in a site that takes HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
serve mp01
client client03 register+ntlm
record
client client03 policy
finish

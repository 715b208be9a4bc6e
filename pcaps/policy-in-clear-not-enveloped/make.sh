#!/bin/bash
# Secret policy, enveloped to the certificate of the client as the site should do over HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies naa,tasksequence --envelope
client client01 register+ntlm
record
client client01 body=naa body+token+whole=tasksequence
finish

#!/bin/bash
# Content asked for with signed CCM headers, and with a signed client token.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp
record
client client01 --server http://dp01.corp.example content+ccm=PS100012.3
client client02 --server http://dp01.corp.example content+token=PS100012.3
finish

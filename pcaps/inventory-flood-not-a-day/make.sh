#!/bin/bash
# A client sends four inventories, of two kinds, which is a day of somebody who tries things out.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 report=hinv report=sinv report=hinv report=sinv
finish

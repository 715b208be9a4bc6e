#!/bin/bash
# One client sends its hardware inventory five times.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
client client01 register+ntlm
record
client client01 report=hinv report=hinv report=hinv report=hinv report=hinv
finish

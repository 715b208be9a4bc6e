#!/bin/bash
# Sizes and file lists only.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp
record
client client01 --server http://dp01.corp.example content+head=PS100012.3
finish

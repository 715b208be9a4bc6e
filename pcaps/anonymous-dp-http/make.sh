#!/bin/bash
# A package by BITS from a DP that lets anybody in.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp
record
client client01 --server http://dp01.corp.example content=PS100012.3 content=Content_0b6f8a52-3c1d-4e7f-8a90-5b4c3d2e1f01.1
finish

#!/bin/bash
# A package by BITS from a DP that asks for Windows authentication.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --dp-auth ntlm
record
client client01 --server http://dp01.corp.example content+ntlm=PS100012.3
finish

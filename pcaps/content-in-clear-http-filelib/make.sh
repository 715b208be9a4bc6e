#!/bin/bash
# A file straight from the content library, with Basic authentication.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --dp-auth basic
record
F=626F07EB6D02F255F0D39CA761DE6D22A89D2DF8EACD0A8E82AE2937695CEDCA
web client01 --basic -u 'svc_naa:Lab-Only-Passw0rd!' "http://dp01.corp.example/SMS_DP_SMSPKG\$/FileLib/626F/$F"
finish

#!/bin/bash
# Listings of PkgLib, FileLib and of a package root, nothing else.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve dp01 --roles dp --chunked
record
client client01 --server http://dp01.corp.example 'probe=/sms_dp_smspkg$/pkglib' 'probe=/SMS_DP_SMSPKG%24/FileLib' 'probe=/SMS_DP_SMSPKG$/PS100012.3'
finish

#!/bin/bash
# TLS 1.3, in which nobody sees whether a certificate was shown; then a resumption.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
s_server mp01 443 site -tls1_3
record
s_client client01 mp01.corp.example 443 mp01.corp.example -sess_out "$WORK/session"
s_client client01 mp01.corp.example 443 mp01.corp.example -sess_in "$WORK/session"
finish

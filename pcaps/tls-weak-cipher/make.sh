#!/bin/bash
# A management point that agrees on a suite without encryption, and a distribution point on one without authentication.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
s_server mp01 443 site -tls1_2 -cipher 'NULL-SHA256:@SECLEVEL=0'
s_server dp01 443 site -tls1_2 -cipher 'ADH-AES128-SHA256:@SECLEVEL=0'
record
s_client client01 mp01.corp.example 443 mp01.corp.example -cipher 'ALL:eNULL:@SECLEVEL=0' -tls1_2
s_client client01 dp01.corp.example 443 dp01.corp.example -cipher 'ALL:aNULL:@SECLEVEL=0' -tls1_2
finish

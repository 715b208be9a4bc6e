#!/bin/bash
# A client that offers suites without encryption and without authentication, and a server that chooses a good one.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
trust root.pem
s_server mp01 443 site -tls1_2
record
s_client client01 mp01.corp.example 443 mp01.corp.example -cipher 'ALL:eNULL:aNULL:@SECLEVEL=0' -tls1_2
finish

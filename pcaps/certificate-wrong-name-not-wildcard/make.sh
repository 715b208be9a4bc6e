#!/bin/bash
# A management point with a certificate for all servers of its domain.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
certificate root cn="Lab Root" ca=yes
certificate mp01 issuer=root cn=corp.example dns=*.corp.example usage=server
trust root.pem
https mp01 443 mp01 'ssl_protocols TLSv1.2'
record
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
finish

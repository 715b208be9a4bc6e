#!/bin/bash
# A management point that shows the certificate of another server.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
certificate root cn="Lab Root" ca=yes
certificate mp01 issuer=root cn=www.corp.example dns=www.corp.example,*.web.corp.example usage=server
trust root.pem
https mp01 443 mp01 'ssl_protocols TLSv1.2'
record
web client01 -k https://mp01.corp.example/
finish

#!/bin/bash
# A site system with a certificate that the site server issued, whose root is listed.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
certificate root cn="SMS Issuing" ca=yes
certificate mp01 issuer=root cn=mp01.corp.example dns=mp01.corp.example usage=server
trust root.pem
https mp01 443 mp01 'ssl_protocols TLSv1.2'
record
web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
finish

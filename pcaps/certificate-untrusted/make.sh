#!/bin/bash
# Somebody else answers for the management point, with a certificate of an authority of his own.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
site_pki
certificate evil cn="Lab Root" ca=yes
certificate mp01 issuer=evil cn=mp01.corp.example dns=mp01.corp.example usage=server
trust root.pem
https rogue01 443 mp01 'ssl_protocols TLSv1.2'
record
web client01 -k --resolve mp01.corp.example:443:192.0.2.66 https://mp01.corp.example/
finish

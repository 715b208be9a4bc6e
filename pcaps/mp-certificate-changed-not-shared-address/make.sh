#!/bin/bash
# Two management points behind one address, by turns: each with a certificate of its own that also has the common name.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/tls.sh"
certificate root cn="Lab Root" ca=yes
certificate one issuer=root cn=node1.corp.example usage=server dns=node1.corp.example,mp01.corp.example
certificate two issuer=root cn=node2.corp.example usage=server dns=node2.corp.example,mp01.corp.example
trust root.pem
record
for node in one two one; do
	https mp01 443 $node 'ssl_protocols TLSv1.2'
	web client01 --cacert "$WORK/root.pem" https://mp01.corp.example/
	stop mp01-443
done
finish

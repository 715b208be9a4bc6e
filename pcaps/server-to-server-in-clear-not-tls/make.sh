#!/bin/bash
# A distribution point asks a management point over TLS; DNS, Kerberos and LDAP ports are exempt.
. "$(dirname "$0")/../../tests/lab/case.sh"
tls_keys
cat "$WORK/tls.crt" "$WORK/tls.key" >"$WORK/tls.pem"
serve mp01 --port 443 --tls "$WORK/tls.pem"
record
web dp01 --cacert "$WORK/ca.pem" "https://mp01.corp.example/SMS_MP/.sms_aut?MPLIST"
finish

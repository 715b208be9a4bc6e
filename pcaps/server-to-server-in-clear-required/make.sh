#!/bin/bash
# Two clients ask a management point over clear HTTP; the site file demands IPsec of the first.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
web client01 "http://mp01.corp.example/SMS_MP/.sms_aut?MPLIST"
web client02 "http://mp01.corp.example/SMS_MP/.sms_aut?MPLIST"
finish

#!/bin/bash
# A distribution point asks a management point over clear HTTP; a client does the same.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
web dp01 "http://mp01.corp.example/SMS_MP/.sms_aut?MPLIST"
web client01 "http://mp01.corp.example/SMS_MP/.sms_aut?MPLIST"
finish

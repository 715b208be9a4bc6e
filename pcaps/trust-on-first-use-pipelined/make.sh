#!/bin/bash
# Two requests on the wire before the first reply.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 'pipeline=/SMS_MP/.sms_aut?MPCERT /SMS_MP/.sms_aut?MPLIST /SMS_MP/.sms_aut?SITESIGNCERT'
finish

#!/bin/bash
# Requests for policy bodies that give no body: not modified, not found, not authenticated.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --answer '2B1000.*=304'
client client01 register+ntlm
record
client client01 body+whole=settings 'get=/SMS_MP/.sms_pol?{00000000-1B59-4C39-9E0D-9D4B7F2B0000}.5_00' close 'get=/SMS_MP_WindowsAuth/.sms_pol?{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B1010}.5_00'
finish

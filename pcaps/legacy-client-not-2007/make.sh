#!/bin/bash
# A ConfigMgr 2007 client and a current one send their heartbeats; MPCERT1 is not found.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --answer 'MPCERT1=404'
client client01 register+ntlm
client client02 register+ntlm
record
client client01 --version 4.00.6487.2000 report=ddr aut=MPCERT1
client client02 --version 5.00.9128.1000 report=ddr
finish

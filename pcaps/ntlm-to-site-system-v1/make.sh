#!/bin/bash
# A client logs on to dp01 over RPC by NTLM version 1 with a client challenge. rpcclient and Samba.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
samba dp01 'rpc start on demand helpers = no' 'ntlm auth = yes'
rpc_server dp01
record
rpc client01 'ncacn_ip_tcp:192.0.2.30[seal]' srvinfo --option=clientntlmv2auth=no --option=clientusespnego=no
rpc client02 'ncacn_ip_tcp:192.0.2.30[seal]' srvinfo
finish

#!/bin/bash
# mp01 calls dp01 by RPC over TCP: without protection, signed, and sealed. rpcclient and Samba.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$TOP/tests/lab/samba.sh"
samba dp01 'rpc start on demand helpers = no'
rpc_server dp01
record
rpc mp01 'ncacn_ip_tcp:192.0.2.30' srvinfo
finish

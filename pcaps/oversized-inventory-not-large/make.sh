#!/bin/bash
# The first piece of an upload of 15 MiB: large, and some inventories are.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
ns rogue01 curl -s -X BITS_POST -A 'Microsoft BITS/7.8' -H 'Accept:' -H 'BITS-Packet-Type: Fragment' \
	-H 'BITS-Session-Id: {7DF0354D-249B-430F-820D-3D2A9BEF4931}' -H 'Content-Name: 4E1D0B8A.xml' \
	-H 'Content-Range: bytes 0-499/15728640' -H 'Content-Type:' \
	--data-binary "$(printf '%500s' x)" \
	'http://mp01.corp.example/CCM_Incoming/{5A0D3F84-8A5C-4D0F-9C0B-1C8B6C3B6A11}' >"$WORK/curl.log"
finish

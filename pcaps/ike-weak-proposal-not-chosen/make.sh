#!/bin/bash
# Weak proposals are offered beside strong ones, and the responder chooses a strong one; both versions.
. "$(dirname "$0")/../../tests/lab/case.sh"
. "$LAB/ike.sh"
for host in client01 client02 mp01; do charon $host; done
ike client01 mp01 2 no 3des-md5-modp1024,aes256-sha256-modp2048
ike client02 mp01 1 no aes256-sha256-modp2048,3des-md5-modp1024
ike mp01 %any 0 no aes256-sha256-modp2048,aes256gcm16-prfsha256-modp2048
sed -i 's/remote_addrs = .*/remote_addrs = %any/' "$WORK/charon-mp01/swanctl.conf"
swan mp01 --load-all --clear --file "$WORK/charon-mp01/swanctl.conf" >>"$WORK/charon-mp01/out" 2>&1
record "port 500 or port 4500"
initiate client01
initiate client02
finish

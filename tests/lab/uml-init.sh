# Sourced by the first process inside user-mode-linux: two hosts on one wire. See uml.
# shellcheck shell=bash
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs t /run
mount -t devtmpfs d /dev 2>/dev/null
mkdir -p /dev/shm /dev/pts
ip link set lo up
modprobe -a veth esp4 ah4 esp6 ah6 xfrm_user xfrm4_tunnel xfrm6_tunnel tunnel4 tunnel6 des_generic \
	cbc ecb gcm md5 hmac sha1_generic sha256_generic sha512_generic authenc echainiv seqiv \
	crypto_null cmac xcbc ccm ctr ghash_generic chacha20poly1305 af_packet
NUMBER_mp01=20
NUMBER_dp01=30
for host in mp01 dp01; do
	ip netns add $host
	ip -n $host link set lo up
done
ip -n mp01 link add eth0 address 02:00:5e:00:00:14 type veth peer name eth0 \
	address 02:00:5e:00:00:1e netns dp01
for host in mp01 dp01; do
	number=NUMBER_$host
	ip -n $host addr add "192.0.2.${!number}/24" dev eth0
	ip -n $host addr add "2001:db8:1::${!number}/64" dev eth0 nodad
	ip -n $host link set eth0 up
	ip netns exec $host ethtool -K eth0 tx off gso off tso off gro off >/dev/null 2>&1
done
sleep 1

ns() { # HOST COMMAND...
	local host=$1
	shift
	ip netns exec "$host" "$@"
}

capture() { # NAME
	ip netns exec mp01 tcpdump --immediate-mode -Z root -U -nn -s0 -i eth0 -w "$FOLDER/$1.pcap" 2>"$FOLDER/tcpdump" &
	CAPTURE=$!
	for _ in $(seq 50); do
		! grep -q listening "$FOLDER/tcpdump" || break
		sleep 0.1
	done
	sleep 0.2
}

captured() {
	sleep 0.7
	kill "$CAPTURE"
	wait "$CAPTURE"
}

both() { # STATE...
	for host in mp01 dp01; do ip -n $host xfrm state add "$@" || echo "FAILED: $*"; done
}

policy() { # 4|6 KIND...
	local family=$1 mp=192.0.2.20 dp=192.0.2.30
	shift
	[ "$family" = 4 ] || { mp=2001:db8:1::20; dp=2001:db8:1::30; }
	# A template names its ends only in tunnel mode; then those of the hosts.
	local there back
	there=$(printf 'tmpl src %s dst %s %s ' $mp $dp "$*")
	back=$(printf 'tmpl src %s dst %s %s ' $dp $mp "$*")
	if [ -n "${SECOND:-}" ]; then
		there="$there tmpl src $mp dst $dp $SECOND"
		back="$back tmpl src $dp dst $mp $SECOND"
	fi
	# shellcheck disable=SC2086
	{
		ip -n mp01 xfrm policy add src $mp dst $dp dir out $there
		ip -n mp01 xfrm policy add src $dp dst $mp dir in $back
		ip -n dp01 xfrm policy add src $dp dst $mp dir out $back
		ip -n dp01 xfrm policy add src $mp dst $dp dir in $there
	}
}

clear() {
	for host in mp01 dp01; do
		ip -n $host xfrm state flush
		ip -n $host xfrm policy flush
	done
}

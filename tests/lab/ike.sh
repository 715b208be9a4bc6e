# Sourced by make.sh after case.sh: strongSwan in the lab. Its kernel needs no ESP for exchanges of
# keys alone.
#
#   charon HOST                             starts the daemon
#   ike HOST PEER VERSION AGGRESSIVE PROPOSALS
#                                           loads one connection with a pre-shared key
#   initiate HOST [SECONDS]                 negotiates it, and waits so long
#   deaf HOST                               lets HOST take messages and answer none
# shellcheck shell=bash
charon() { # HOST
	local folder=$WORK/charon-$1
	mkdir -p "$folder"/swanctl/{x509,x509ca,private,rsa,pkcs8,pubkey,x509crl,x509aa,x509ac,x509ocsp,ecdsa,pkcs12,bliss,conf.d}
	cat >"$folder/strongswan.conf" <<-EOF
		charon {
		  load_modular = no
		  load = random nonce openssl hmac sha1 sha2 md5 kdf pem pkcs1 pubkey x509 kernel-netlink socket-default vici
		  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
		  filelog { log { path = $folder/log
		    default = 1
		    flush_line = yes } }
		}
	EOF
	background "$folder/out" "$1" unshare -m bash -c \
		"mount -t tmpfs t /run; echo \$\$ >$folder/pid; STRONGSWAN_CONF=$folder/strongswan.conf exec /usr/lib/ipsec/charon"
	for _ in $(seq 100); do
		if swan "$1" --stats >/dev/null 2>&1; then return; fi
		sleep 0.2
	done
	echo "charon on $1 does not answer" >&2
	exit 1
}

swan() { # HOST ARGUMENT...
	local host=$1
	shift
	nsenter -t "$(cat "$WORK/charon-$host/pid")" -m -n swanctl "$@"
}

ike() { # HOST PEER VERSION AGGRESSIVE PROPOSALS
	cat >"$WORK/charon-$1/swanctl.conf" <<-EOF
		connections { lab {
		  version = $3
		  aggressive = $4
		  remote_addrs = $2.corp.example
		  proposals = $5
		  local { auth = psk
		    id = $1.corp.example }
		  remote { auth = psk }
		  children { lab {
		    mode = transport
		    esp_proposals = aes128-sha256
		    start_action = none } } } }
		secrets { ike-1 { secret = "Lab-Only-PSK" } }
	EOF
	swan "$1" --load-all --clear --file "$WORK/charon-$1/swanctl.conf" >>"$WORK/charon-$1/out" 2>&1
}

initiate() { # HOST [SECONDS]
	swan "$1" --initiate --ike lab --timeout "${2:-8}" 2>&1 | tail -2 || true
}

deaf() { # HOST: port 500 is open there, and nobody reads it, as behind a filter that drops
	background "$WORK/deaf-$1" "$1" /usr/bin/python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 500))
time.sleep(100)'
	sleep 0.5
}

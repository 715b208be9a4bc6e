# Sourced by pcaps/*/make.sh: records one case in the lab.
#
#   serve HOST [OPTION...]            configmgr_server.py on HOST, port 80 unless --port is given
#   front HOST NAME [PORT]            nginx on HOST with the configuration nginx/NAME.conf
#   record [FILTER]                   what follows (TCP, or FILTER) is captured into the case's folder
#                                     (SNAPLEN=N before: so many bytes of each packet)
#   client HOST [OPTION...] STEP...   configmgr_client.py on HOST
#   web HOST CURL-ARGUMENT...         curl on HOST
#   sql HOST OPTION...                sql_server.py on HOST, port 1433
#   query HOST SERVER ENCRYPTION DATABASE [ACCOUNT]   tsql of FreeTDS on HOST asks SERVER once
#   ns HOST COMMAND...                anything else
#   finish                            stops everything and says what was captured
#
# LAB_KEEP=1 uses a lab that is up, and leaves it up. CASE_OUT=FOLDER puts the capture there instead
# of into the case's folder; with CASE_WATCH=BINARY that program listens live as well, into
# live.jsonl beside the capture.
# shellcheck shell=bash
set -eu

CASE=$(cd "$(dirname "$0")" && pwd)
TOP=$(cd "$CASE/../.." && pwd)
LAB=$TOP/tests/lab
WORK=$TOP/build/lab/$(basename "$CASE")
OUT=${CASE_OUT:-$CASE}
PIDS=
CAPTURE=
WATCH=
PREFIX=${LAB_PREFIX:-cmtap}
export PYTHONDONTWRITEBYTECODE=1

ns() { # HOST COMMAND...
	local name=$PREFIX-$1
	shift
	ip netns exec "$name" "$@"
}

background() { # LOG HOST COMMAND...: run until finish
	local log=$1 name=$PREFIX-$2
	shift 2
	timeout "${LAB_SECONDS:-120}" ip netns exec "$name" "$@" >"$log" 2>&1 &
	PIDS="$PIDS $!"
}

wait_port() { # HOST PORT
	for _ in $(seq 100); do
		if ns "$1" bash -c "exec 3<>/dev/tcp/127.0.0.1/$2" 2>/dev/null; then return; fi
		sleep 0.1
	done
	echo "nothing listens on port $2 of $1" >&2
	exit 1
}

serve() { # HOST OPTION...
	local host=$1 port=80 previous=
	shift
	for argument in "$@"; do
		[ "$previous" != --port ] || port=$argument
		previous=$argument
	done
	background "$WORK/$host-$port.log" "$host" /usr/bin/python3 "$LAB/configmgr_server.py" \
		--name "$host.corp.example" --keys "$WORK/keys" "$@"
	wait_port "$host" "$port"
}

front() { # HOST NAME [PORT]
	mkdir -p "$WORK/nginx"
	sed "s|@WORK@|$WORK|g; s|@LAB@|$LAB|g" "$LAB/nginx/$2.conf" >"$WORK/nginx/$2.conf"
	background "$WORK/nginx/$2.out" "$1" nginx -c "$WORK/nginx/$2.conf"
	wait_port "$1" "${3:-80}"
}

tls_keys() { # a CA, a certificate for mp01, dp01 and sup01, and one for a client, by openssl
	(
		cd "$WORK"
		openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=Lab Root" \
			-keyout ca.key -out ca.pem
		openssl req -newkey rsa:2048 -nodes -subj "/CN=mp01.corp.example" -keyout tls.key -out tls.csr
		printf 'subjectAltName=DNS:mp01.corp.example,DNS:dp01.corp.example,DNS:sup01.corp.example\n%s\n' \
			extendedKeyUsage=serverAuth >tls.ext
		openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 \
			-extfile tls.ext -out tls.crt
		openssl req -newkey rsa:2048 -nodes -subj "/CN=client01.corp.example" \
			-keyout client.key -out client.csr
		echo extendedKeyUsage=clientAuth >client.ext
		openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 \
			-extfile client.ext -out client.crt
	) >"$WORK/openssl.log" 2>&1
}

sql() { # HOST OPTION...
	local host=$1
	shift
	openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout "$WORK/sql.key" \
		-out "$WORK/sql.pem" -addext "subjectAltName=DNS:$host.corp.example" \
		-subj "/CN=$host.corp.example" 2>"$WORK/openssl.log"
	background "$WORK/$host-sql.log" "$host" /usr/bin/python3 "$LAB/sql_server.py" \
		--certificate "$WORK/sql.pem" "$@"
	wait_port "$host" 1433
}

query() { # HOST SERVER FREETDS-ENCRYPTION DATABASE [ACCOUNT]
	printf '[sql]\nhost = %s.corp.example\nport = 1433\ntds version = 7.4\nencryption = %s\n' \
		"$2" "$3" >"$WORK/freetds.conf"
	printf 'SELECT SiteCode FROM Sites\ngo\nexit\n' |
		ns "$1" env FREETDSCONF="$WORK/freetds.conf" timeout 20 tsql -S sql -D "$4" \
			-U "${5:-smsapp}" -P Lab-Only-Passw0rd! >"$WORK/tsql.log" 2>&1 || true
}

watch() { # BINARY
	ip netns exec "$PREFIX-sensor" "$1" watch -S "$CASE/site.yml" -i mon0 \
		>"$OUT/live.jsonl" 2>"$OUT/live.log" &
	WATCH=$!
	sleep 1
}

record() { # [FILTER]
	ip netns exec "$PREFIX-sensor" tcpdump -Z root -nn -s"${SNAPLEN:-0}" -U --immediate-mode -B 16384 -i mon0 \
		-w "$OUT/capture.pcap" "${1:-tcp}" 2>"$WORK/tcpdump.log" &
	CAPTURE=$!
	[ -z "${CASE_WATCH:-}" ] || watch "$CASE_WATCH"
	for _ in $(seq 100); do
		! grep -q listening "$WORK/tcpdump.log" 2>/dev/null || break
		sleep 0.05
	done
	sleep 0.1
}

client() { # HOST [OPTION...] STEP...
	local host=$1
	shift
	ns "$host" timeout 60 /usr/bin/python3 "$LAB/configmgr_client.py" --host "$host" \
		--state "$WORK/clients" "$@"
}

web() { # HOST CURL-ARGUMENT...
	local host=$1
	shift
	ns "$host" curl -g -sS -m 20 --path-as-is -w '%{stderr}  %{http_code} %{url}\n' "$@" >/dev/null
}

stop_recording() {
	[ -n "$CAPTURE" ] || return 0
	sleep 0.4
	kill "$CAPTURE" 2>/dev/null || true
	wait "$CAPTURE" 2>/dev/null || true
	CAPTURE=
	[ -n "$WATCH" ] || return 0
	kill "$WATCH" 2>/dev/null || true
	wait "$WATCH" 2>/dev/null || echo "watch ended with status $?" >>"$OUT/live.log"
	WATCH=
}

leave() {
	stop_recording
	for pid in $PIDS; do kill "$pid" 2>/dev/null || true; done
	[ -z "$PIDS" ] || wait 2>/dev/null || true
	PIDS=
	[ -n "${LAB_KEEP:-}" ] || "$LAB/lab" down
}

finish() {
	stop_recording
	capinfos -T -m -r -c -s "$OUT/capture.pcap" | cut -d, -f2-
}

trap leave EXIT
rm -rf "$WORK"
mkdir -p "$WORK"
[ -n "${LAB_KEEP:-}" ] || "$LAB/lab" up

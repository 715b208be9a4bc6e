# Sourced after case.sh by cases of TLS: certificates, and real ends for handshakes.
#
#   certificate NAME [KEY=VALUE...]     and
#   crl ISSUER NAME [KEY=VALUE...]      see certificates.py
#   trust NAME...                       puts NAME.pem or NAME.crl into the case, for its site file
#   site_pki                            root, a certificate for mp01, dp01 and sup01, one for client01
#   https HOST PORT NAME [DIRECTIVE...] nginx with the certificate NAME (NAME.chain.pem where there is
#                                       one); SERVER-PORT is its name for `stop`
#   stop NAME                           ends a server
#   s_server HOST PORT NAME [OPTION...] openssl s_server -www
#   s_client HOST SERVER PORT NAME [OPTION...]  openssl s_client asks it for /
# shellcheck shell=bash

certificate() {
	/usr/bin/python3 "$LAB/certificates.py" "$WORK" certificate "$@"
}

crl() {
	/usr/bin/python3 "$LAB/certificates.py" "$WORK" crl "$@"
}

trust() {
	local file
	for file in "$@"; do cp "$WORK/$file" "$OUT/$file"; done
}

site_pki() {
	certificate root cn="Lab Root" ca=yes
	certificate site issuer=root cn=mp01.corp.example usage=server \
		dns=mp01.corp.example,dp01.corp.example,sup01.corp.example
	certificate client01 issuer=root cn=client01.corp.example usage=client dns=client01.corp.example
}

https() {
	local host=$1 port=$2 name=$3 file="$WORK/$1-$2.conf" chain=$WORK/$3.pem
	shift 3
	[ ! -e "$WORK/$name.chain.pem" ] || chain=$WORK/$name.chain.pem
	mkdir -p "$WORK/nginx"
	{
		echo "worker_processes 1; daemon off; user root; pid $WORK/nginx/$host-$port.pid;"
		echo "error_log $WORK/nginx/$host-$port.err; events { worker_connections 64; }"
		echo "http { access_log off;"
		for part in client_body proxy fastcgi uwsgi scgi; do
			echo "${part}_temp_path $WORK/nginx/$part;"
		done
		echo "server { listen $port ssl; ssl_certificate $chain; ssl_certificate_key $WORK/$name.key;"
		[ $# = 0 ] || printf '%s;\n' "$@"
		echo "location / { default_type text/plain; return 200 'this is a site system'; } } }"
	} >"$file"
	background "$WORK/nginx/$host-$port.out" "$host" nginx -c "$file"
	wait_port "$host" "$port"
}

stop() {
	kill "$(cat "$WORK/nginx/$1.pid")"
	sleep 0.3
}

s_server() {
	local host=$1 port=$2 name=$3
	shift 3
	background "$WORK/s_server-$host-$port.log" "$host" openssl s_server -accept "$port" -www \
		-cert "$WORK/$name.pem" -key "$WORK/$name.key" "$@"
	wait_port "$host" "$port"
}

s_client() {
	local host=$1 server=$2 port=$3 name=$4
	shift 4
	(printf 'GET / HTTP/1.0\r\n\r\n' && sleep 0.5) | ns "$host" openssl s_client -ign_eof \
		-connect "$server:$port" -servername "$name" "$@" >>"$WORK/s_client.log" 2>&1 || true
}

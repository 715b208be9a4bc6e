#!/bin/sh
# Installs the Debian packages that are missing: deps.sh build|test|bench
# Says nothing and changes nothing when all are there.
set -eu
build="gcc make libc6-dev libpcap-dev libyaml-dev libcjson-dev libpcre2-dev libexpat1-dev zlib1g-dev
       libssl-dev libndpi-dev libxxhash-dev"
test="$build clang llvm libclang-rt-14-dev libcmocka-dev bats python3 python3-yaml python3-jsonschema tshark jq git"
lab="nginx-light libnginx-mod-http-dav-ext curl iproute2 ethtool tcpdump python3-impacket
     python3-scapy python3-cryptography hping3 ike-scan apache2-utils procps samba smbclient
     freetds-bin krb5-kdc krb5-admin-server krb5-user"
lint="clang-format clang-tidy cppcheck"
bench="tcpdump tshark libndpi-bin libhttp-parser-dev python3"
case "${1:-build}" in
build) wanted=$build ;;
test) wanted="$test $lint" ;;
lab) wanted="$test $lab" ;;
bench) wanted="$build $bench" ;;
*) echo "usage: deps.sh build|test|lab|bench" >&2; exit 2 ;;
esac
missing=
for package in $wanted; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "cmtap needs these Debian packages; install them as root:$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing:$missing"
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 || {
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

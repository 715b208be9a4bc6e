# Inside user-mode-linux: what ESP, AH and their framings look like between two site systems.
# shellcheck shell=bash
key() { printf '0x%0*d' "$1" 7; } # HEX-DIGITS
MP=192.0.2.20 DP=192.0.2.30 MP6=2001:db8:1::20 DP6=2001:db8:1::30
SPI=0x1000

# One association each way between two addresses.
pair() { # A B PROTO ARGUMENT...
	local a=$1 b=$2 proto=$3
	shift 3
	SPI=$((SPI + 17)); both src "$a" dst "$b" proto "$proto" spi $SPI reqid 0 "$@"
	SPI=$((SPI + 17)); both src "$b" dst "$a" proto "$proto" spi $SPI reqid 0 "$@"
}
null() { # MODE HASH HEX-DIGITS BITS: leaves it in NULL
	NULL=(mode "$1" enc 'ecb(cipher_null)' '' auth-trunc "hmac($2)" "$(key "$3")" "$4")
}

ns mp01 /usr/bin/python3 "$TOP/tests/lab/configmgr_server.py" --name mp01.corp.example --keys "$FOLDER/keys" \
	--port 80 >"$FOLDER/server" 2>&1 &
ns mp01 /usr/bin/python3 "$TOP/tests/lab/configmgr_server.py" --name mp01.corp.example --keys "$FOLDER/keys" \
	--port 8080 >"$FOLDER/server" 2>&1 &
sleep 4
list() { # ADDRESS [PORT]
	ns dp01 curl -g -sS -m 4 -o /dev/null -w '%{http_code}\n' "http://$1:${2:-80}/SMS_MP/.sms_aut?MPLIST"
}
list $MP

# NULL encryption with every size of check value, by IPv4 and IPv6, in transport and tunnel mode.
capture framings
for way in "md5 32 96" "sha1 40 96" "sha256 64 96" "sha256 64 128" "sha384 96 192" "sha512 128 256"; do
	echo "== null $way"
	# shellcheck disable=SC2086
	null transport $way
	pair $MP $DP esp "${NULL[@]}"
	policy 4 proto esp mode transport
	list $MP
	clear
done
echo "== gmac"
pair $MP $DP esp mode transport aead 'rfc4543(gcm(aes))' "$(key 40)" 128
policy 4 proto esp mode transport
list $MP
clear
echo "== ipv6"
null transport sha256 64 128
pair $MP6 $DP6 esp "${NULL[@]}"
policy 6 proto esp mode transport
list "[$MP6]"
clear
echo "== tunnel"
null tunnel sha256 64 128
pair $MP $DP esp "${NULL[@]}"
policy 4 proto esp mode tunnel
list $MP
clear
captured

echo "== encrypted"
capture encrypted
for way in "aead rfc4106(gcm(aes)) $(key 40) 128" "enc cbc(aes) $(key 64) auth-trunc hmac(sha256) $(key 64) 128" \
	"enc cbc(des3_ede) 0x$(printf '%016d%016d%016d' 1 2 3) auth-trunc hmac(sha1) $(key 40) 96" \
	"aead rfc7539esp(chacha20,poly1305) $(key 72) 128"; do
	# shellcheck disable=SC2086
	pair $MP $DP esp mode transport $way
	policy 4 proto esp mode transport
	list $MP
	list $MP
	clear
done
captured

echo "== null between site systems"
capture null
null transport sha256 64 128
pair $MP $DP esp "${NULL[@]}"
policy 4 proto esp mode transport
list $MP
clear
captured

echo "== ah"
capture ah
pair $MP $DP ah mode transport auth-trunc 'hmac(sha256)' "$(key 64)" 128
policy 4 proto ah mode transport
list $MP
clear
captured

echo "== ah and esp"
capture ah-esp
pair $MP $DP ah mode transport auth-trunc 'hmac(sha256)' "$(key 64)" 128
pair $MP $DP esp mode transport aead 'rfc4106(gcm(aes))' "$(key 40)" 128
SECOND="proto ah mode transport" policy 4 proto esp mode transport
list $MP
list $MP
clear
captured

echo "== clear"
capture clear
list $MP
captured
chmod -R a+rX "$FOLDER"

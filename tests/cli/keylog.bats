# Key log files: what TLS carries is read with them, and nothing of them is ever printed.
load helper

CASE=$TOP/pcaps/decrypted-directory-listing

@test "with its secrets, what TLS carries is read and marked" {
	cmtap 0 read -q --keylog "$CASE/keys.log" "$CASE/capture.pcap"
	documents codes <out >codes
	grep -q dp-directory-listing codes
	! grep -q in-clear codes
	cmtap 0 read -q "$CASE/capture.pcap"
	[ "$(wc -l <out)" = 0 ]
}

@test "learn takes them too" {
	cmtap 0 learn --keylog "$TOP/pcaps/decrypted-not-in-clear/keys.log" \
		"$TOP/pcaps/decrypted-not-in-clear/capture.pcap"
	grep -q mp01 out
}

@test "a wrong file ends with 2, its place, and nothing that stands in it" {
	{ head -c 2000 "$CASE/keys.log" | head -3 && echo "CLIENT_RANDOM 5ec2e7 5ec2e7"; } >keys.log
	cmtap 2 read --keylog keys.log "$CASE/capture.pcap"
	grep -q '^cmtap: keys.log:4:15: expected a client random\|^keys.log:4:15: expected a client random' err
	! grep -q 5ec2e7 err
	[ ! -s out ]
	cmtap 2 read --keylog none.log "$CASE/capture.pcap"
	grep -q 'none.log: No such file' err
}

@test "no secret of the file appears in any output" {
	cmtap 0 read -e -v -v --keylog "$CASE/keys.log" "$CASE/capture.pcap"
	grep -v '^#' "$CASE/keys.log" | cut -d' ' -f3 >secrets
	[ -s secrets ]
	! grep -qiFf secrets out err
}

@test "live capture takes no secrets" {
	cmtap 2 watch --keylog "$CASE/keys.log" -i lo
	grep -q -- '--keylog.*unknown option' err
}

@test "limits.tls_secrets bounds what is taken" {
	echo 'limits: {tls_secrets: 16}' >c.yml
	cmtap 0 read -v -c c.yml --keylog "$CASE/keys.log" "$CASE/capture.pcap"
	grep -q 'tls.secrets_over_cap  *16' err
}

# Alerts say that there are secrets in clear; they never repeat them.
load helper

gives_nothing_away() { # CAPTURE...: neither documents, nor what is learned, nor words hold secrets
	printf 'alerts: {throttle: 0}\n' >c.yml
	cmtap 0 read -c c.yml -e -v -v -o documents "$@"
	cmtap 0 learn "$@"
	mv out learned
	found=$(/usr/bin/python3 "$BATS_TEST_DIRNAME/secrets.py" documents learned err -- "$@") || {
		echo "$found"
		return 1
	}
	rm documents
}

@test "no secret of any capture appears in any output" {
	gives_nothing_away "$TOP"/pcaps/*/capture.pcap
	[ "$found" -gt 0 ]
}

@test "captures that are about secrets hold some, and none appears" {
	for capture in "$TOP"/pcaps/secret-policy-in-clear*/capture.pcap \
		"$TOP"/pcaps/*not-basic/capture.pcap "$TOP"/pcaps/*not-ntlm/capture.pcap; do
		gives_nothing_away "$capture"
		echo "$capture: $found secrets"
		[ "$found" -gt 0 ]
	done
}

@test "alerts about secrets say which kind and how hidden" {
	capture=$TOP/pcaps/secret-policy-in-clear/capture.pcap
	cmtap 0 read -q "$capture"
	documents get configmgr.policy.secret_kind <out | grep -q network-access-account
	documents get configmgr.policy.secret_cipher <out | grep -q 3des
}

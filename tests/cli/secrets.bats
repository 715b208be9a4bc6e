# Alerts say that there are secrets in clear; they never repeat them.
load helper

@test "no secret of any capture appears in any output" {
	for capture in "$TOP"/pcaps/*/capture.pcap; do
		case=$(basename "${capture%/*}")
		cmtap 0 read -e -v -v -S "${capture%/*}/site.yml" -o documents "$capture"
		cmtap 0 learn "$capture"
		mv out learned
		found=$(/usr/bin/python3 "$BATS_TEST_DIRNAME/secrets.py" "$capture" documents learned err) || {
			echo "$found"
			false
		}
		echo "$case: $found secrets"
		case $case in
		secret-policy-in-clear* | *not-basic | *not-ntlm*)
			[ "$found" -gt 0 ]
			;;
		esac
		rm documents
	done
}

@test "alerts about secrets say which kind and how hidden" {
	capture=$TOP/pcaps/secret-policy-in-clear/capture.pcap
	cmtap 0 read -q "$capture"
	documents get configmgr.policy.secret_kind <out | grep -q network-access-account
	documents get configmgr.policy.secret_cipher <out | grep -q 3des
}

# Words for people, on standard error, and the ledger.
load helper

# The four groups of the summary, as "seen dissected no-interest malformed over-cap".
ledger() {
	awk '{ gsub(",", "") }
		/^[0-9]+ packets / { seen = $1 }
		/^  dissected / { a = $2 } /^  of no interest / { b = $4 }
		/^  malformed / { c = $2 } /^  over a cap / { d = $4 }
		END { print seen, a, b, c, d }' err
}

balances() {
	local seen a b c d sum
	read -r seen a b c d <<<"$(ledger)"
	echo "ledger: $seen = $a + $b + $c + $d"
	[ "$seen" = "$((a + b + c + d))" ]
	says_not "does not balance"
	# The same with the counters of -v, each of which is in exactly one group.
	[ "$(counter packets.seen)" = "$seen" ]
	sum=$(awk '{ gsub(",", "") } /^packets\./ && $1 != "packets.seen" { n += $2 } END { print n + 0 }' err)
	[ "$sum" = "$seen" ]
}

@test "the summary: packets, flows, losses, sites and servers, alerts by signature" {
	cmtap 0 read -S "$SITE" "$OFFICE"
	grep -qE '^[0-9,]+ packets, [0-9.]+ MB in [0-9.]+ s \([0-9.]+ M packets/s\), [0-9,]+ flows$' err
	for line in "what became of the packets" "missing, cut or given up" "sites and servers seen" \
		"mp01.corp.example" "alerts" "policy-in-clear"; do
		says "$line"
	done
}

# tests/cases/run.py asks the same of every capture of pcaps/.
@test "the ledger balances" {
	cmtap 0 read -v "$OFFICE"
	balances
}

@test "the ledger balances for all of them in one run, and for a cut one" {
	cmtap 0 read -v "$TOP/pcaps"
	balances
	captures cut "$OFFICE" cut.pcap 5000
	cmtap 1 read -v cut.pcap
	balances
}

@test "the ledger balances when every limit is at its least" {
	cat >c.yml <<-'EOF'
		limits: {flows: 64, dissected_flows: 16, blocks: 64, segments: 16, site_servers: 16,
		  site_clients: 16, stream_segments: 1, stream_bytes: 2KiB, fragments: 1, tunnel_depth: 1,
		  http_pipeline: 1, throttle_entries: 16}
	EOF
	cmtap 0 read -v -c c.yml "$TOP/pcaps"
	balances
	documents check <out
}

@test "-q: nothing on standard error when nothing is wrong" {
	cmtap 0 read -q "$OFFICE"
	[ ! -s err ]
	captures cut "$OFFICE" cut.pcap 10
	cmtap 1 read -q cut.pcap
	[ "$(wc -l <err)" = 1 ]
	says "cut.pcap: byte "
}

@test "-v: every counter that is not zero, with its meaning" {
	cmtap 0 read -v "$OFFICE"
	grep -qE '^packets\.seen +382  packets read from files or interfaces$' err
	grep -qE '^http\.transactions +[0-9]+  ' err
	[ "$(counter documents.written)" = "$(wc -l <out)" ]
	cmtap 0 read "$OFFICE"
	! grep -q '^packets\.seen' err
}

@test "-q and -v take each other back" {
	cmtap 0 read -q -v "$OFFICE"
	says "382 packets"
}

@test "files that failed are counted" {
	mkdir folder
	captures deal "$OFFICE" folder/a folder/b
	captures cut folder/a folder/c 100
	cmtap 1 read -v folder
	[ "$(counter capture.files)" = 3 ]
	[ "$(counter capture.files_failed)" = 1 ]
}

@test "no progress line where standard error is no terminal" {
	cmtap 0 read "$OFFICE"
	! grep -q $'\r' err
}

@test "a progress line on a terminal: bytes, packets, rate, time left" {
	# Slow enough to show it: a pipe that gives the file in two parts.
	mkfifo slow
	(
		head -c 100000 "$OFFICE"
		sleep 1
		tail -c +100001 "$OFFICE"
	) >slow &
	STARTED=$!
	timeout 60 script -qec "'$CMTAP' read -o out slow" typescript </dev/null >screen
	grep -qE '[0-9,]+ packets, [0-9.]+ MB, [0-9.]+ M packets/s' screen
	documents check <out
	timeout 60 script -qec "'$CMTAP' read -q -o out2 '$OFFICE'" typescript </dev/null >screen
	! grep -q 'packets' screen
}

@test "pairs between which IPsec is demanded: whether they were ever protected" {
	case=$TOP/pcaps/server-to-server-in-clear-required
	cmtap 0 read -S "$case/site.yml" "$case/capture.pcap"
	grep -q '192.0.2.11 - 192.0.2.20 .*IPsec is required, and was NEVER seen to encrypt' err
	! grep -q '192.0.2.12 - 192.0.2.20' err
	case=$TOP/pcaps/uninspected-encryption-not-required
	cmtap 0 read -S "$case/site.yml" "$case/capture.pcap"
	grep -q '192.0.2.11 - 198.51.100.20 .*esp.*IPsec is required$' err
}

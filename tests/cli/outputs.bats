# Where documents go.
load helper

@test "-o FILE takes the documents, and standard output stays empty" {
	cmtap 0 read -o alerts.jsonl "$OFFICE"
	[ ! -s out ]
	[ "$(documents check <alerts.jsonl)" -gt 10 ]
}

@test "-o FILE appends" {
	echo '{"before": true}' >alerts.jsonl
	cmtap 0 read -q -o alerts.jsonl "$OFFICE"
	cmtap 0 read -q "$OFFICE"
	[ "$(head -1 alerts.jsonl)" = '{"before": true}' ]
	cmp out <(tail -n +2 alerts.jsonl)
	cmtap 0 read -q -o alerts.jsonl "$OFFICE"
	[ "$(wc -l <alerts.jsonl)" = "$((1 + 2 * $(tail -n +2 alerts.jsonl | wc -l) / 2))" ]
}

@test "several outputs get the same documents" {
	cmtap 0 read -q -o - -o a -o b "$OFFICE"
	[ -s out ]
	cmp out a
	cmp out b
}

@test "a pipe as output" {
	mkfifo pipe
	cat pipe >copy &
	reader=$!
	STARTED=$reader
	cmtap 0 read -q -o pipe -o - "$OFFICE"
	wait "$reader"
	cmp copy out
}

@test "a full disk: every document lost is counted, and the end is 1" {
	cmtap 0 read -v "$OFFICE"
	all=$(wc -l <out)
	[ "$(counter documents.written)" = "$all" ]
	cmtap 1 read -v -o /dev/full "$OFFICE"
	says "output /dev/full: No space left on device; documents are lost"
	[ "$(counter documents.lost)" = "$all" ]
	[ "$(counter documents.written)" = 0 ]
}

@test "a full disk: the other output gets everything" {
	cmtap 0 read -q "$OFFICE"
	mv out all
	cmtap 1 read -o /dev/full -o copy "$OFFICE"
	cmp all copy
	says "documents.lost"
}

@test "a disk that is full in the middle holds whole lines only" {
	[ "$(id -u)" = 0 ] || skip "needs root, to mount a small disk"
	mkdir disk
	mount -t tmpfs -o size=64k none disk || skip "no tmpfs may be mounted here"
	for capture in "$TOP"/pcaps/*/capture.pcap; do
		mkdir -p all
		cp "$capture" "all/$(basename "$(dirname "$capture")").pcap"
	done
	status=0
	timeout 60 "$CMTAP" read -v -e -o disk/alerts -o - all >out 2>err || status=$?
	documents check <disk/alerts || status=99
	kept=$(wc -l <disk/alerts)
	umount disk
	[ "$status" = 1 ]
	[ "$kept" -gt 10 ]
	[ "$(counter documents.lost)" = "$(($(wc -l <out) - kept))" ]
	[ "$(counter documents.written)" = "$(($(wc -l <out) + kept))" ]
}

@test "standard output that nobody reads any more: exit 1, no crash" {
	set +o pipefail
	{
		status=0
		"$CMTAP" read -e "$TOP/pcaps" 2>err || status=$?
		echo "$status" >status
	} | head -1 >first
	documents check <first
	grep -qx '[01]' status
	[ "$(cat status)" = 0 ] || says "Broken pipe"
}

@test "standard output that is closed: exit 1" {
	status=0
	"$CMTAP" read "$OFFICE" 2>err >&- || status=$?
	[ "$status" = 1 ]
	says "documents are lost"
}

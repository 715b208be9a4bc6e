# What `cmtap read` reads, and the documents it writes.
load helper

setup_file() {
	"${CMTAP:-$BATS_TEST_DIRNAME/../../build/debug/cmtap}" read -q -e \
		-S "$BATS_TEST_DIRNAME/../../pcaps/office/site.yml" \
		"$BATS_TEST_DIRNAME/../../pcaps/office/capture.pcap" >"$BATS_FILE_TMPDIR/whole"
}

same() { # the documents are those of the capture in one piece
	documents check <out
	cmp "$BATS_FILE_TMPDIR/whole" out
}

@test "standard output holds nothing but JSON lines, in packet-time order" {
	cmtap 0 read "$OFFICE"
	[ "$(documents check <out)" -gt 30 ]
	cmtap 0 read -e -v -S "$SITE" "$OFFICE"
	[ "$(documents check <out)" -gt 60 ]
}

@test "all captures of pcaps/ in one run: JSON lines in order, exit 0" {
	cmtap 0 read -q -e "$TOP"/pcaps/*/capture.pcap
	[ "$(documents check <out)" -gt 300 ]
}

@test "without -e there are alerts and their counts only" {
	cmtap 0 read -q "$OFFICE"
	! documents get event.kind <out | grep -qvxE 'alert|metric'
	documents get event.kind <out | grep -qx metric
	cmtap 0 read -q -e "$OFFICE"
	documents get event.kind <out | grep -qx event
}

@test "replaying a file gives the same bytes" {
	for round in 1 2 3; do
		cmtap 0 read -q -e -S "$SITE" "$OFFICE"
		same
	done
}

@test "the number of workers changes nothing" {
	cmtap 0 read -q -e -w 8 -S "$SITE" "$OFFICE"
	same
}

@test "standard input" {
	cp "$OFFICE" in
	cmtap 0 read -q -e -S "$SITE" -
	same
}

@test "standard input is a pipe that gives little at a time" {
	(dd if="$OFFICE" bs=777 status=none) | "$CMTAP" read -q -e -S "$SITE" - >out
	same
}

@test "gzip'ed, as a file and through a pipe" {
	gzip -c "$OFFICE" >capture.gz
	cmtap 0 read -q -e -S "$SITE" capture.gz
	same
	cp capture.gz in
	cmtap 0 read -q -e -S "$SITE" -
	same
	gzip -c "$OFFICE" | "$CMTAP" read -q -e -S "$SITE" - >out
	same
}

@test "pcapng, plain and gzip'ed" {
	captures pcapng "$OFFICE" office.pcapng
	cmtap 0 read -q -e -S "$SITE" office.pcapng
	same
	gzip office.pcapng
	cmtap 0 read -q -e -S "$SITE" office.pcapng.gz
	same
}

@test "several files are one run in time order, in whatever order they are named" {
	captures deal "$OFFICE" a b c
	gzip b
	captures pcapng c d
	cmtap 0 read -q -e -S "$SITE" d b.gz a
	same
	cp a in
	cmtap 0 read -q -e -S "$SITE" b.gz - d
	same
}

@test "a folder is read recursively, as one run" {
	mkdir -p folder/deeper
	captures deal "$OFFICE" folder/z folder/deeper/a folder/m
	cmtap 0 read -q -e -S "$SITE" folder
	same
}

@test "captures made one after the other: alerts in order of time" {
	captures later "$OFFICE" later.pcap 86400
	captures later "$OFFICE" earlier.pcap -86400
	cmtap 0 read -S "$SITE" later.pcap "$OFFICE" earlier.pcap
	documents check <out
	says "1,146 packets"
	[ "$(documents get @timestamp <out | cut -c1-10 | sort -u | wc -l)" = 3 ]
}

@test "a folder with other files: skipped with a warning, exit 0" {
	mkdir folder
	cp "$OFFICE" folder/
	echo "notes" >folder/notes.txt
	cmtap 0 read -e -S "$SITE" folder
	says "folder/notes.txt: warning: this is no capture file"
	same
}

@test "a capture cut off in the middle: read to its last whole packet, reported, exit 1" {
	captures cut "$OFFICE" cut.pcap 1
	cmtap 1 read -e -S "$SITE" cut.pcap
	says "cut.pcap: byte "
	says "cut off in the middle of a record, read to the last whole packet"
	says "381 packets"
	documents check <out
	[ -s out ]
}

@test "a cut gzip file, pcapng and pipe" {
	gzip -c "$OFFICE" >whole.gz
	captures cut whole.gz cut.gz 2000
	cmtap 1 read -e cut.gz
	says "cut.gz: byte "
	[ "$(documents check <out)" -gt 10 ]
	captures pcapng "$OFFICE" whole.pcapng
	captures cut whole.pcapng cut.pcapng 10
	cmtap 1 read -e cut.pcapng
	says "381 packets"
	captures cut "$OFFICE" in 1
	cmtap 1 read -e -
	says "381 packets"
}

@test "one bad file does not stop a folder" {
	mkdir folder
	captures deal "$OFFICE" folder/a folder/b
	captures cut folder/a folder/c 100
	rm folder/a
	head -c 30 "$OFFICE" >folder/d
	cmtap 1 read folder
	says "folder/c: byte "
	says "folder/d: byte "
	documents check <out
}

@test "a capture without packets: nothing is written, exit 0" {
	head -c 24 "$OFFICE" >none.pcap
	cmtap 0 read none.pcap
	[ ! -s out ]
	says "0 packets"
}

@test "-s: only these rules are judged" {
	cmtap 0 read -q -s "$TOP/signatures/floods" "$OFFICE"
	[ ! -s out ]
	cmtap 0 read -q -s "$TOP/signatures/misdirection" -s "$TOP/signatures/floods" -S "$SITE" "$OFFICE"
	[ "$(documents codes <out | sort -u | tr '\n' ' ')" = \
		"rogue-mp-in-list rogue-mp-reply trust-on-first-use " ]
}

@test "-S: what is listed is taken as listed, else as learned" {
	cmtap 0 read -q -e -S "$SITE" "$OFFICE"
	[ "$(documents get configmgr.baseline.source <out | sort -u)" = listed ]
	cmtap 0 read -q -e "$OFFICE"
	! documents get configmgr.baseline.source <out | grep -q listed
}

@test "-c: alerts.throttle 0 tells every alert" {
	printf 'alerts: {throttle: 0}\n' >c.yml
	cmtap 0 read -S "$SITE" -c c.yml "$OFFICE"
	! documents get event.kind <out | grep -q metric
	mv out all
	cmtap 0 read -S "$SITE" "$OFFICE"
	[ "$(documents counts <out)" = "$(documents counts <all)" ]
}

@test "a summary names each signature as often as documents do" {
	cmtap 0 read -S "$SITE" "$OFFICE"
	[ "$(documents counts <out)" = \
		"$(awk '/^alerts$/ { on = 1; next } on && NF == 3 { print $2, $3 }' err | sort)" ]
}

@test "the shipped rules are found from anywhere" {
	cd /
	"$CMTAP" read -q "$OFFICE" >"$BATS_TEST_TMPDIR/out"
	cd "$BATS_TEST_TMPDIR"
	[ -s out ]
}

# cmtap learn.
load helper

@test "learn prints a site file for review, and nothing else on standard output" {
	cmtap 0 learn "$OFFICE"
	mv out site.yml
	grep -q 'code: PS1' site.yml
	grep -q 'mp01.corp.example' site.yml
	grep -q '192.0.2.20' site.yml
	cmtap 0 read -q -S site.yml "$OFFICE"
}

@test "what learn prints is a site file" {
	cmtap 0 learn -q "$TOP"/pcaps/*/capture.pcap
	mv out site.yml
	cmtap 0 read -q -S site.yml "$OFFICE"
	# Alone, every eighth will do.
	for capture in $(printf '%s\n' "$TOP"/pcaps/*/capture.pcap | awk 'NR % 8 == 1'); do
		cmtap 0 learn -q "$capture"
		[ ! -s err ]
		mv out site.yml
		cmtap 0 read -q -S site.yml "$capture"
	done
}

@test "learn from nothing of ConfigMgr prints an empty site file" {
	cmtap 0 learn -q "$TOP/pcaps/policy-in-clear-not-tls/capture.pcap"
	grep -qx 'sites: \[\]' out
	mv out site.yml
	cmtap 0 read -q -S site.yml "$OFFICE"
}

@test "names from the wire cannot add lines to the site file" {
	python3 - "$OFFICE" evil.pcap <<-'EOF'
		import sys
		data = open(sys.argv[1], "rb").read()
		old = b"Host: mp01.corp.example\r\n"
		assert old in data
		new = b"Host: a: {b\x1b[2J]} # \"\r\n".ljust(len(old) - 2, b"x")[:len(old)]
		new = new.replace(b"\r\n", b"xx")[:len(old) - 2] + b"\r\n"
		open(sys.argv[2], "wb").write(data.replace(old, new))
	EOF
	cmtap 0 learn evil.pcap
	! grep -q $'\033' out err
	! grep -q '{' out
	mv out site.yml
	cmtap 0 read -q -S site.yml "$OFFICE"
}

@test "learned from a day without strangers, the site file makes them known" {
	captures halves "$TOP/pcaps/policy-in-clear/capture.pcap" first second
	cmtap 0 learn -q "$TOP/pcaps/policy-in-clear/capture.pcap"
	mv out site.yml
	cmtap 0 read -q -e -S site.yml "$TOP/pcaps/policy-in-clear/capture.pcap"
	documents get configmgr.server.authorized <out | sort -u >known
	[ "$(cat known)" = true ]
}

@test "learn writes no documents, judges nothing, and takes several files and a pipe" {
	captures deal "$OFFICE" a b
	cmtap 0 learn -q a b
	! grep -q '{"' out
	mv out both
	cp "$OFFICE" in
	cmtap 0 learn -q -
	cmp both out
}

@test "learn from a cut capture: what was learned, and exit 1" {
	captures cut "$OFFICE" cut.pcap 10
	cmtap 1 learn -q cut.pcap
	grep -q 'code: PS1' out
	says "cut.pcap: byte "
}

@test "learn on a full disk ends with 1" {
	status=0
	"$CMTAP" learn -q "$OFFICE" >/dev/full 2>err || status=$?
	[ "$status" = 1 ]
	says "No space left on device"
}

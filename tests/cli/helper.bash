# Loaded by every .bats file: the program under test, and what tests ask of its output.
# CMTAP names another binary; the debug build (ASan, UBSan) is the default.
# shellcheck shell=bash
bats_require_minimum_version 1.5.0

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
CMTAP=${CMTAP:-$TOP/build/debug/cmtap}
OFFICE=$TOP/pcaps/office/capture.pcap
SITE=$TOP/pcaps/office/site.yml
export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=1}

# A test's own folder is where it runs; nothing is written elsewhere.
setup() {
	cd "$BATS_TEST_TMPDIR"
}

# Whatever a test started and did not see end is ended, by its number.
teardown() {
	local pid
	for pid in ${STARTED:-}; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

documents() { # check|codes|events|..., from standard input: see documents.py
	/usr/bin/python3 "$BATS_TEST_DIRNAME/documents.py" "$@"
}

captures() { # deal|halves|cut|...: see captures.py
	/usr/bin/python3 "$BATS_TEST_DIRNAME/captures.py" "$@"
}

# cmtap STATUS ARGUMENT...: runs it with documents in ./out and words in ./err, and asks for that
# exit status. The file ./in is its standard input if there is one.
cmtap() {
	local wanted=$1 status=0 from=/dev/null
	shift
	[ ! -e in ] || from=in
	timeout 60 "$CMTAP" "$@" <"$from" >out 2>err || status=$?
	echo "cmtap $*: exit $status, $(wc -l <out) lines out"
	if [ "$status" != "$wanted" ] || grep -q 'Sanitizer\|runtime error:' err; then
		head -60 err
		return 1
	fi
}

# Wrong usage, or a wrong file: exit 2, nothing on standard output, and these words.
wrong() { # WORDS ARGUMENT...
	local words=$1
	shift
	cmtap 2 "$@"
	[ ! -s out ]
	says "$words"
}

says() { # WORDS: on standard error
	grep -qF -- "$1" err || {
		echo "not said: $1"
		head -60 err
		return 1
	}
}

says_not() {
	! grep -qF -- "$1" err
}

start() { # ARGUMENT...: in the background, its number in $PID; documents in ./out, words in ./err
	"$CMTAP" "$@" >out 2>err 3>&- &
	PID=$!
	STARTED="${STARTED:-} $PID"
}

soon() { # COMMAND...: at the latest in ten seconds
	local i
	for i in $(seq 100); do
		if "$@"; then return; fi
		sleep 0.1
	done
	echo "not within ten seconds: $*"
	cat err
	return 1
}

said() { # COUNT WORDS: so often by now
	[ "$(grep -cF -- "$2" err)" -ge "$1" ]
}

written() { # COUNT [FILE]: documents by now
	[ "$(wc -l <"${2:-out}")" -ge "$1" ]
}

ends() { # STATUS: the program in $PID, within twenty seconds
	local status=0 i
	for i in $(seq 200); do
		kill -0 "$PID" 2>/dev/null || break
		sleep 0.1
	done
	if kill -0 "$PID" 2>/dev/null; then
		echo "still running"
		return 1
	fi
	wait "$PID" || status=$?
	echo "ended with $status"
	cat err
	[ "$status" = "$1" ] && ! grep -q 'Sanitizer\|runtime error:' err
}

counter() { # NAME: its value as printed by -v or SIGUSR1, the last one; 0 when it is not there
	awk -v name="$1" '$1 == name { gsub(",", "", $2); value = $2 } END { print value + 0 }' err
}

rules() { # makes ./rules, a copy of the shipped ones
	mkdir rules
	cp -r "$TOP"/signatures/*/ rules/
	rm -rf rules/sigma
}

# Commands, options, exit statuses.
load helper

@test "--version prints one line and ends with 0" {
	cmtap 0 --version
	grep -qE '^cmtap [0-9]+\.[0-9]+\.[0-9]+$' out
	[ "$(wc -l <out)" = 1 ] && [ ! -s err ]
}

@test "--help names every command and option, on standard output, and ends with 0" {
	cmtap 0 --help
	[ ! -s err ]
	for word in read watch learn signatures fields --config --site --signatures --output --format \
		--events --workers -q -v; do
		grep -q -- "$word" out
	done
}

@test "--help works behind every command" {
	for command in read watch learn signatures fields; do
		cmtap 0 "$command" --help
		grep -q usage out
	done
}

@test "without a command the usage goes to standard error, and the end is 2" {
	wrong "usage: cmtap"
}

@test "an unknown command ends with 2 and the nearest name" {
	wrong "unknown command 'reed', did you mean 'read'?" reed "$OFFICE"
	wrong "unknown command 'xyzzyx'" xyzzyx
}

@test "an unknown option ends with 2 and the nearest name, and nothing is written" {
	wrong "--ouptut=new: unknown option, did you mean --output?" read --ouptut=new "$OFFICE"
	wrong "-x: unknown option" read -x "$OFFICE"
	wrong "-x: unknown option" read -qx -o new "$OFFICE"
	wrong "--jsno: unknown option, did you mean --json?" signatures list --jsno
	[ ! -e new ]
}

@test "an option of another command is unknown" {
	wrong "-i: unknown option" read -i lo "$OFFICE"
	wrong "-o: unknown option" learn -o new "$OFFICE"
	wrong "-e: unknown option" signatures -e list
	[ ! -e new ]
}

@test "an option without its value ends with 2" {
	wrong "-o: expected a value" read "$OFFICE" -o
	wrong "--site: expected a value" read "$OFFICE" --site
	wrong "--quiet=yes: expected no value" read --quiet=yes "$OFFICE"
}

@test "a wrong value ends with 2 and says what was expected" {
	wrong "--workers 0: expected a number of threads" read -w 0 "$OFFICE"
	wrong "--workers many: expected a number of threads" read -w many "$OFFICE"
	wrong "--format xml:" read -f xml "$OFFICE"
	says "expected ecs"
}

@test "no capture file, or no interface, ends with 2" {
	wrong "read: expected at least one capture file" read
	wrong "learn: expected at least one capture file" learn
	wrong "expected an interface" watch
	wrong "unexpected 'capture.pcap'" watch -i lo capture.pcap
	wrong "signatures: expected list, show NAME, check" signatures
	wrong "fields: unexpected 'x'" fields x
}

@test "options may stand behind files, and -- ends them" {
	cmtap 0 read "$OFFICE" -q
	cp "$OFFICE" ./-capture
	cmtap 0 read -q -- -capture
	[ -s out ]
}

@test "short and long options mean the same" {
	cmtap 0 read -q -e -S "$SITE" -s "$TOP/signatures" -f ecs -w 2 -o a "$OFFICE"
	cmtap 0 read --quiet --events --site="$SITE" --signatures "$TOP/signatures" --format=ecs \
		--workers=2 --output b "$OFFICE"
	cmp a b
}

@test "fields prints name, type, setter and meaning of every field" {
	cmtap 0 fields
	[ ! -s err ]
	head -1 out | grep -qE '^name +type +set by +meaning$'
	[ "$(wc -l <out)" = "$(($(grep -c '^FIELD(' "$TOP/core/fields.def") + 1))" ]
	grep -qE '^client\.ip +address +[a-z]+ +[a-z]' out
	grep -qE '^configmgr\.message\.type +text ' out
	! tail -n +2 out | grep -qvE '^[a-z_0-9.]+ +(text|texts|integer|integers|boolean|address|addresses|time) +[a-z_]+( [a-z]+)* +[^ ]'
}

@test "lists that do not fit on the disk end with 1" {
	for command in fields "signatures list" --help --version; do
		status=0
		# shellcheck disable=SC2086
		"$CMTAP" $command >/dev/full 2>err || status=$?
		[ "$status" = 1 ]
		says "No space left on device"
	done
}

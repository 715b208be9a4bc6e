# signatures list, show, check.
load helper

SHIPPED=("$TOP"/signatures/[!s]*/)

rules_in() { # names|all PATH...: see rules.py
	/usr/bin/python3 "$BATS_TEST_DIRNAME/rules.py" "$@"
}

names() { # of the shipped rules; a part of a correlation raises no alert of its own
	rules_in names "${SHIPPED[@]}" | sort
}

@test "signatures list: a line for every shipped rule" {
	cmtap 0 signatures list
	[ ! -s err ]
	head -1 out | grep -qE '^name +level +control +title$'
	[ "$(tail -n +2 out | cut -d' ' -f1 | sort)" = "$(names)" ]
}

@test "signatures list --json: one object a line" {
	cmtap 0 signatures list --json
	[ "$(documents get name <out | sort)" = "$(names)" ]
	[ "$(documents get id <out | sort -u | wc -l)" = "$(wc -l <out)" ]
}

@test "signatures show: what it is, what to do, and the rule itself" {
	cmtap 0 signatures show policy-in-clear
	grep -qE '^name +policy-in-clear$' out
	grep -qE '^remedy +[A-Z]' out
	grep -qE '^level +high$' out
	grep -q '^detection:' out
	grep -qE '^fields +configmgr.message.type$' out || grep -qE '^ +configmgr.message.type$' out
	grep -qE '^references +https://' out
	grep -qE "^file +.*/policy_in_clear.yml:[0-9]+$" out
	! grep -q '^override' out
}

@test "signatures show of a correlation: what it counts, when it fires, and its document alone" {
	cmtap 0 signatures show registration-flood
	grep -qE '^counts +registration$' out
	grep -qE '^fires at +event_count gte 30 within 1h by client.ip, server.ip$' out
	[ "$(grep -c '^title:' out)" = 1 ]
	cmtap 0 signatures show registration
	grep -qE '^alerts +none of its own' out
}

@test "signatures show says under which name alerts come, and which rules share it" {
	cmtap 0 signatures show policy-request-flood
	grep -qx 'see also         policy-request-flood-full' out
	grep -qx '                 policy-request-flood-distributed' out
	! grep -q '^reports as' out
	cmtap 0 signatures show policy-request-flood-full
	grep -qx 'reports as       policy-request-flood' out
	grep -qx 'see also         policy-request-flood' out
	cmtap 0 signatures show policy-request-flood-full --json
	grep -q '"reports_as":"policy-request-flood"' out
}

@test "signatures show takes the id too, and --json" {
	id=$(sed -n 's/^id: //p' "$TOP/signatures/eavesdropping/policy_in_clear.yml")
	cmtap 0 signatures show --json "$id"
	[ "$(documents get name <out)" = policy-in-clear ]
	[ "$(documents get control <out)" = encrypt-client-traffic ]
	[ "$(documents get enabled <out)" = true ]
}

@test "signatures show of every name in the list works" {
	cmtap 0 signatures list --json
	# Every seventh will do: all of them are read each time.
	for name in $(documents get name <out | awk 'NR % 7 == 1'); do
		cmtap 0 signatures show "$name"
		grep -qE "^name +$name\$" out
	done
}

@test "signatures show of an unknown name ends with 2 and the nearest name" {
	wrong "no signature 'polcy-in-clear', did you mean 'policy-in-clear'?" \
		signatures show polcy-in-clear
}

@test "signatures check: the shipped rules are right" {
	cmtap 0 signatures check
	[ ! -s out ]
	says "$(names | wc -l) signatures are right, 0 warnings"
}

@test "signatures check takes files and folders" {
	cmtap 0 signatures check "$TOP/signatures/misdirection" \
		"$TOP/signatures/eavesdropping/policy_in_clear.yml"
	says "$(($(rules_in names "$TOP/signatures/misdirection" | wc -l) + 1)) signatures are right, 0 warnings"
	cmtap 0 signatures check "$TOP/signatures/floods/malformed_message.yml"
	says "1 signatures are right, 0 warnings; they count what 1 more rules find"
}

@test "signatures check names file, line and column of a mistake, and the nearest field" {
	rules
	sed -i 's/configmgr.message.outcome/configmgr.mesage.outcome/' rules/access/anonymous_dp_http.yml
	line=$(grep -n mesage rules/access/anonymous_dp_http.yml | cut -d: -f1)
	wrong "rules/access/anonymous_dp_http.yml:$line:5: " signatures check rules
	says "configmgr.mesage.outcome"
	says "configmgr.message.outcome"
	[ "$(wc -l <err)" -le 3 ]
}

@test "signatures check finds every mistake in one go" {
	rules
	sed -i 's/configmgr.message.outcome/configmgr.mesage.outcome/' rules/access/anonymous_dp_http.yml
	sed -i 's/^level: .*/level: hihg/' rules/access/legacy_client.yml
	printf 'title: [\n' >rules/broken.yml
	wrong "anonymous_dp_http.yml:" signatures check rules
	says "legacy_client.yml:"
	says "broken.yml:"
}

@test "signatures check of what is not there ends with 2" {
	wrong "nowhere: " signatures check nowhere
	wrong "nowhere: " signatures list -s nowhere
}

@test "-s takes other rules instead, and may be repeated" {
	cmtap 0 signatures list --json -s "$TOP/signatures/floods"
	[ "$(documents get name <out | sort)" = "$(rules_in names "$TOP/signatures/floods" | sort)" ]
	cmtap 0 signatures list --json -s "$TOP/signatures/floods" -s "$TOP/signatures/access"
	[ "$(documents get name <out | sort)" = \
		"$(rules_in names "$TOP/signatures/floods" "$TOP/signatures/access" | sort)" ]
}

@test "two rules of one name are a mistake" {
	rules
	cp rules/access/legacy_client.yml rules/again.yml
	wrong "rules/again.yml:3:7: " signatures check rules
	says "rules/access/legacy_client.yml:1"
}

@test "list and show go on with what is right, name what is wrong, and end with 2" {
	rules
	sed -i 's/^level: .*/level: hihg/' rules/access/legacy_client.yml
	cmtap 2 signatures list -s rules
	says "rules/access/legacy_client.yml:"
	grep -q '^policy-in-clear ' out
	! grep -q '^legacy-client ' out
	cmtap 2 signatures show policy-in-clear -s rules
	grep -qE '^name +policy-in-clear$' out
}

# What a site changes about signatures: --overrides, the config, and signals.
load helper

alerts() { # of one signature, in ./out
	documents codes <out | grep -cx "$1" || true
}

@test "level and enable" {
	cat >o.yml <<-'EOF'
		policy-in-clear: {level: low}
		legacy-client: {enable: false}
	EOF
	cmtap 0 read -q -S "$SITE" "$OFFICE"
	[ "$(alerts legacy-client)" -ge 1 ]
	cmtap 0 read -S "$SITE" --overrides o.yml "$OFFICE"
	[ "$(alerts legacy-client)" = 0 ]
	[ "$(documents get event.code log.level <out | sort -u | grep '^policy-in-clear')" = "policy-in-clear low" ]
}

@test "threshold: a flood that stays below the shipped one" {
	printf 'malformed-message: {threshold: 2}\n' >o.yml
	two=$TOP/pcaps/malformed-message-not-two
	cmtap 0 read -q -S "$two/site.yml" "$two/capture.pcap"
	[ "$(alerts malformed-message)" = 0 ]
	cmtap 0 read -q -S "$two/site.yml" -O o.yml "$two/capture.pcap"
	[ "$(alerts malformed-message)" = 1 ]
}

@test "suppress: by client, server, network, until a date; counted" {
	cmtap 0 read -q -S "$SITE" "$OFFICE"
	before=$(alerts dp-directory-listing)
	[ "$before" -ge 1 ]
	for fits in "client: 192.0.2.66" "network: 192.0.2.64/27" "server: 192.0.2.30, until: 2030-01-01"; do
		printf 'dp-directory-listing:\n  suppress: [{%s, reason: a test}]\n' "$fits" >o.yml
		cmtap 0 read -v -S "$SITE" -O o.yml "$OFFICE"
		[ "$(alerts dp-directory-listing)" = 0 ]
		[ "$(counter alerts.suppressed)" -ge 1 ]
	done
	for other in "client: 192.0.2.67" "network: 198.51.100.0/24" "server: 192.0.2.30, until: 2020-01-01" \
		"client: 192.0.2.66, server: 192.0.2.99"; do
		printf 'dp-directory-listing:\n  suppress: [{%s}]\n' "$other" >o.yml
		cmtap 0 read -q -S "$SITE" -O o.yml "$OFFICE"
		[ "$(alerts dp-directory-listing)" = "$before" ]
	done
}

@test "the config names the file, from its own folder" {
	mkdir etc
	printf 'signatures: {overrides: o.yml}\n' >etc/c.yml
	printf 'legacy-client: {enable: false}\n' >etc/o.yml
	cmtap 0 read -q -S "$SITE" -c etc/c.yml "$OFFICE"
	[ "$(alerts legacy-client)" = 0 ]
	printf 'legacy-client: {enable: true}\n' >other.yml
	cmtap 0 read -q -S "$SITE" -c etc/c.yml -O other.yml "$OFFICE"
	[ "$(alerts legacy-client)" -ge 1 ]
	cmtap 0 signatures show -c etc/c.yml legacy-client
	grep -qE '^override +etc/o.yml:1$' out
	printf 'signatures: {overrides: [o.yml]}\n' >etc/c.yml
	wrong "etc/c.yml:1:25: signatures.overrides is a list, expected the name of a file" \
		read -c etc/c.yml "$OFFICE"
}

@test "mistakes: all of them, with place and nearest name; nothing is done" {
	cat >o.yml <<-'EOF'
		polcy-in-clear: {level: low}
		policy-in-clear: {levl: low}
		legacy-client: {level: hihg, threshold: 5}
		anonymous-dp-http: {suppress: [{client: 10.0.0.1/8}, {until: tomorrow}]}
	EOF
	for command in "signatures check" "signatures list" "read $OFFICE"; do
		# shellcheck disable=SC2086
		cmtap 2 $command -O o.yml
		says "o.yml:1:1: there is no rule 'polcy-in-clear' (did you mean 'policy-in-clear'?)"
		says "o.yml:2:19: "
		says "there is no key 'levl' here (did you mean 'level'?)"
		says "there is no level 'hihg' (did you mean 'high'?)"
		says "the rule has no threshold"
		says "o.yml:4:41: "
		says "'until' must be a date"
	done
	[ ! -s out ]
	wrong "nowhere.yml: " read -O nowhere.yml "$OFFICE"
}

@test "signatures show and list say what is in force, and where it was written" {
	cat >o.yml <<-'EOF'
		# of our site
		policy-request-flood:
		  threshold: 900
		  level: medium
		  suppress:
		    - {network: 198.51.100.0/24, until: 2031-12-31, reason: the imaging network}
		    - {client: "2001:db8::7"}
	EOF
	cmtap 0 signatures show policy-request-flood -O o.yml
	grep -qE '^override +o.yml:2$' out
	grep -qE '^ +threshold 900 instead of 600$' out
	grep -qE '^ +level medium instead of high$' out
	grep -qE '^ +kept back: network 198.51.100.0/24, until 2031-12-31, reason the imaging network$' out
	grep -qE '^ +kept back: client 2001:db8::7$' out
	grep -qE '^fires at +event_count gte 900 within 5m' out
	cmtap 0 signatures show policy-request-flood -O o.yml --json
	[ "$(documents get override.threshold override.own_threshold override.line <out)" = "900 600 2" ]
	cmtap 0 signatures list -O o.yml
	grep -q '^policy-request-flood .*(overridden)$' out
}

@test "an override of a rule that is not among those of -s is an error only where its file was named" {
	printf 'signatures: {overrides: o.yml}\n' >c.yml
	printf 'policy-in-clear: {level: low}\n' >o.yml
	cmtap 0 signatures list -c c.yml -s "$TOP/signatures/access"
	says "o.yml:1:1: warning: there is no rule 'policy-in-clear'"
	wrong "o.yml:1:1: there is no rule 'policy-in-clear'" signatures check -O o.yml "$TOP/signatures/access"
}

@test "a status that is experimental is switched on by the config or an override" {
	cat >r.yml <<-'EOF'
		title: Any request
		name: any-request
		status: experimental
		level: low
		logsource: {product: configmgr, category: network, service: http}
		detection:
		  request:
		    http.request.method: GET
		  condition: request
	EOF
	cmtap 0 read -q -s r.yml "$OFFICE"
	[ "$(alerts any-request)" = 0 ]
	printf 'signatures: {experimental: true}\n' >c.yml
	cmtap 0 read -q -s r.yml -c c.yml "$OFFICE"
	[ "$(alerts any-request)" -ge 1 ]
	printf 'any-request: {enable: true}\n' >o.yml
	cmtap 0 read -q -s r.yml -O o.yml "$OFFICE"
	[ "$(alerts any-request)" -ge 1 ]
}

@test "SIGHUP: new overrides are used; broken ones leave the old ones working" {
	mkfifo pipe
	printf 'alerts: {throttle: 0}\n' >c.yml
	printf 'legacy-client: {level: low}\n' >o.yml
	exec 4<>pipe
	"$CMTAP" read -c c.yml -S "$SITE" -O o.yml - <pipe >out 2>err 3>&- 4>&- &
	PID=$!
	STARTED=$PID
	head -c 24 "$OFFICE" >&4
	runs() { [ "$(find "/proc/$PID/task" -mindepth 1 -maxdepth 1 | wc -l)" -ge 3 ]; }
	soon runs
	printf 'no-such-rule: {level: low}\n' >o.yml
	kill -HUP "$PID"
	soon said 1 "the old signatures and site file stay in use"
	says "o.yml:1:1: there is no rule 'no-such-rule'"
	printf 'trust-on-first-use: {enable: false}\n' >o.yml
	kill -HUP "$PID"
	soon said 1 "reloaded signatures and site file"
	tail -c +25 "$OFFICE" >&4
	exec 4>&-
	ends 0
	[ "$(alerts trust-on-first-use)" = 0 ]
	[ "$(documents get event.code log.level <out | grep '^legacy-client' | sort -u)" = "legacy-client medium" ]
}

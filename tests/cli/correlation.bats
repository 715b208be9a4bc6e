# What documents say of correlations.
load helper

MALFORMED=$TOP/pcaps/malformed-message

@test "an alert of a correlation: how many, from when to when, and times that events have, too" {
	cmtap 0 read -q -e -S "$MALFORMED/site.yml" "$MALFORMED/capture.pcap"
	documents check <out
	/usr/bin/python3 - <<-'EOF'
		import json
		documents = [json.loads(line) for line in open("out")]
		alert, = [d for d in documents if d["event"].get("code") == "malformed-message"]
		events = {d["@timestamp"] for d in documents if d["event"]["kind"] == "event"}
		told = alert["configmgr"]["correlation"]
		assert told["group"] == alert["client"]["ip"], told
		assert told["count"] == 3 and "approximate" not in told, told
		assert told["first_seen"] < told["last_seen"] == alert["@timestamp"], told
		assert told["samples"] == sorted(told["samples"]), told
		assert (told["samples"][0], told["samples"][-1]) == (told["first_seen"], told["last_seen"])
		assert len(told["samples"]) == 3 and set(told["samples"]) <= events, told
	EOF
}

@test "one alert for each window and group, whatever its type; chains see them" {
	cat >r.yml <<-'EOF'
		title: Request
		name: request
		logsource: {product: configmgr, category: network, service: http}
		detection:
		  request:
		    http.request.method|exists: true
		  condition: request
		---
		title: Many requests
		name: many
		level: low
		correlation: {type: event_count, rules: [request], group-by: [client.ip], timespan: 1d, condition: {gte: 5}, generate: true}
		---
		title: Many paths
		name: paths
		level: low
		correlation: {type: value_count, rules: [request], group-by: [client.ip], timespan: 1d, condition: {field: url.path, gte: 5}, generate: true}
		---
		title: Both
		name: both
		level: low
		correlation: {type: temporal, rules: [many, paths], group-by: [client.ip], timespan: 1d, generate: true}
	EOF
	printf 'alerts: {throttle: 0}\n' >c.yml
	cmtap 0 read -q -c c.yml -s r.yml "$OFFICE"
	for name in many paths both; do
		documents get event.code client.ip <out | grep "^$name " | sort >groups
		[ -s groups ] && [ "$(sort -u groups | wc -l)" = "$(wc -l <groups)" ]
	done
	# Once more, and as one alert the same: nothing depends on the run.
	mv out before
	cmtap 0 read -q -c c.yml -s r.yml "$OFFICE"
	cmp out before
}

@test "what is judged when its span ends: fewer than so many" {
	cat >r.yml <<-'EOF'
		title: Request
		name: request
		logsource: {product: configmgr, category: network, service: http}
		detection:
		  request:
		    http.request.method|exists: true
		  condition: request
		---
		title: Few requests
		name: few
		level: low
		correlation: {type: event_count, rules: [request], group-by: [client.ip], timespan: 1h, condition: {lt: 1000}}
	EOF
	captures later "$OFFICE" later.pcap 86400
	cmtap 0 read -q -s r.yml "$OFFICE" later.pcap
	[ "$(documents get event.code client.ip <out | grep -c '^few ')" = \
		"$(documents get event.code client.ip <out | sort -u | grep -c '^few ')" ]
	documents get configmgr.correlation.count <out | grep -qE '^[0-9]+$'
	! documents get configmgr.correlation.samples <out | grep -q .
}

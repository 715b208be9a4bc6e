# signatures test, and convert-fields.
load helper

@test "signatures test: what matched, with time and flow, and what kept others from it" {
	cmtap 0 signatures test -S "$SITE" policy-in-clear "$OFFICE"
	[ ! -s err ]
	grep -qE '^match 20[0-9-]+T[0-9:.]+Z http tcp 192\.0\.2\.11:[0-9]+ > 192\.0\.2\.20:80 CCM_POST /ccm_system/request 200$' out
	grep -qE '^close 20[0-9-]+T[0-9:.]+Z http tcp ' out
	line=$(grep -n 'configmgr.policy.body: clear' "$TOP/signatures/eavesdropping/policy_in_clear.yml" | cut -d: -f1)
	grep -qE "^    did not hold line $line +configmgr.policy.body: clear$" out
	grep -qE '^[0-9]+ of [0-9]+ events of its log source matched, [0-9]+ came close; [0-9]+ other events$' out
	grep -qE "^ +[0-9]+ line $line +configmgr.policy.body: clear$" out
}

@test "signatures test: as many matches as alerts" {
	printf 'alerts: {throttle: 0}\n' >c.yml
	cmtap 0 read -q -c c.yml -S "$SITE" "$OFFICE"
	for name in policy-in-clear dp-directory-listing rogue-mp-reply; do
		alerts=$(documents codes <out | grep -cx "$name")
		"$CMTAP" signatures test --json -S "$SITE" "$name" "$OFFICE" >tested
		[ "$(documents get result <tested | grep -cx match)" = "$alerts" ]
	done
}

@test "signatures test --json: reasons with line, entry and value" {
	cmtap 0 signatures test --json -S "$SITE" secret-policy-in-clear "$OFFICE"
	documents check <out
	documents get result network.community_id reasons <out | grep -q '^close 1:.*"holds": false'
	documents get result reasons <out | grep -q '^match .*"entry": "configmgr.policy.secret".*"value": true'
}

@test "signatures test: without the site file another verdict" {
	cmtap 0 signatures test rogue-mp-reply "$TOP/pcaps/rogue-mp-reply-one-witness/capture.pcap"
	grep -qE '^0 of [0-9]+ events' out
}

@test "signatures test of a correlation: alerts, and how far the others came" {
	cmtap 0 signatures test malformed-message "$TOP/pcaps/malformed-message/capture.pcap"
	grep -q '^alert 20' out
	grep -qE '^[0-9]+ events counted, 1 alerts$' out
	cmtap 0 signatures test malformed-message "$TOP/pcaps/malformed-message-not-two/capture.pcap"
	! grep -q '^alert 20' out
	grep -qE '^ +2 of 3 at 20.* by 192\.0\.2\.[0-9]+' out
}

@test "signatures test of a rule file of one's own, and of what an override keeps back" {
	cat >r.yml <<-'EOF'
		title: Package read by a browser
		name: package-by-browser
		level: low
		logsource: {product: configmgr, category: network, service: http}
		detection:
		  package:
		    configmgr.message.type: content
		    user_agent.original|contains: Mozilla
		  filter_known:
		    client.ip|cidr: 192.0.2.0/24
		  condition: package and not filter_known
	EOF
	cmtap 0 signatures test -s r.yml package-by-browser "$OFFICE"
	grep -qE '^0 of [0-9]+ events' out
	printf 'dp-directory-listing: {suppress: [{client: 192.0.2.66}]}\n' >o.yml
	cmtap 0 signatures test -S "$SITE" -O o.yml dp-directory-listing "$OFFICE"
	grep -q '^    kept back by o.yml:1$' out
}

@test "signatures test: wrong names and files end with 2, a cut capture with 1" {
	wrong "no signature 'polcy-in-clear', did you mean 'policy-in-clear'?" \
		signatures test polcy-in-clear "$OFFICE"
	wrong "nowhere.pcap: No such file" signatures test policy-in-clear nowhere.pcap
	wrong "expected list, show NAME" signatures test policy-in-clear
	captures cut "$OFFICE" cut.pcap 1
	cmtap 1 signatures test policy-in-clear cut.pcap
	grep -q '^match ' out
}

@test "convert-fields: a pipeline that maps every field and every log source" {
	cmtap 0 signatures convert-fields
	[ ! -s err ]
	/usr/bin/python3 - "$TOP/core/fields.def" <<-'EOF'
		import re, sys, yaml
		pipeline = yaml.safe_load(open("out"))
		text = open(sys.argv[1]).read()
		steps = pipeline["transformations"]
		mapping = next(s["mapping"] for s in steps if s["type"] == "field_name_mapping")
		fields = re.findall(r'^FIELD\(\w+, "([^"]+)"', text, re.M)
		assert sorted(mapping) == sorted(fields) and all(k == v for k, v in mapping.items())
		kinds = re.findall(r'^KIND\(\w+, "([^"]+)"', text, re.M)
		sources = {s["rule_conditions"][0]["service"]: s["conditions"]["event.dataset"]
		           for s in steps if s["type"] == "add_condition"}
		assert sources == {k: f"configmgr.{k}" for k in kinds}, sources
	EOF
	cmtap 0 signatures convert-fields --json
	jq -e '.fields[] | select(.rule == "client.ip") | .document == "client.ip" and .ecs and .type == "ip"' out
	jq -e '.fields[] | select(.rule == "tls.cipher") | .services == ["tls", "loss", "malformed"]' out
	jq -e '.logsources[] | select(.logsource.service == "http") | .document.event.dataset == "configmgr.http"' out
}

@test "--mapping: rules that were written for DNS, and for DNS in Zeek" {
	/usr/bin/python3 - "$TOP/tests/cases" <<-'EOF'
		import pathlib, sys
		sys.path.insert(0, sys.argv[1])
		import verify_dns
		verify_dns.make(pathlib.Path("dns.pcap"))
	EOF
	cat >r.yml <<-'EOF'
		title: A script in a text
		name: dns-text
		level: low
		logsource: {category: dns}
		detection:
		  selection:
		    query|endswith: mp01
		    record_type: TXT
		  condition: selection
		---
		title: Nothing found
		name: zeek-nothing
		level: low
		logsource: {product: zeek, service: dns}
		detection:
		  selection:
		    qtype_name: SRV
		    rcode_name: NXDOMAIN
		    id.resp_p: 53
		    answers|contains: corp
		  condition: selection
	EOF
	wrong "r.yml:" read -s r.yml dns.pcap
	says "query"
	cmtap 0 read -q -m "$TOP/packaging/mappings/sigma.yml" -s r.yml dns.pcap
	[ "$(documents codes <out | sort -u | tr '\n' ' ')" = "dns-text zeek-nothing " ]
}

@test "--mapping: a rule that was written for proxies or for Zeek" {
	cat >r.yml <<-'EOF'
		title: Any listing
		name: proxy-propfind
		level: low
		logsource: {category: proxy}
		detection:
		  selection:
		    cs-method: PROPFIND
		    c-uri|contains: SMS_DP
		  condition: selection
		---
		title: A big answer
		name: zeek-answer
		level: low
		logsource: {product: zeek, service: http}
		detection:
		  selection:
		    status_code: 207
		    id.resp_h|cidr: 192.0.2.0/24
		  condition: selection
	EOF
	wrong "r.yml:" read -s r.yml "$OFFICE"
	says "cs-method"
	cmtap 0 read -q -m "$TOP/packaging/mappings/sigma.yml" -s r.yml "$OFFICE"
	[ "$(documents codes <out | sort -u | tr '\n' ' ')" = "proxy-propfind zeek-answer " ]
	printf 'signatures: {mapping: %s}\n' "$TOP/packaging/mappings/sigma.yml" >c.yml
	cmtap 0 signatures check -c c.yml r.yml
	printf 'fields: {c-uri: url.orignal}\n' >m.yml
	wrong "m.yml:1:17: there is no field 'url.orignal' (did you mean 'url.original'?)" \
		signatures check -m m.yml r.yml
}

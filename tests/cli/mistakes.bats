# Wrong files: exit 2 with file, line and column, and nothing half-done.
load helper

# Nothing was written: no document, no new file, no old file changed.
untouched() { # WORDS ARGUMENT...: of `cmtap read`
	local words=$1
	shift
	echo before >old
	wrong "$words" read -e -o - -o new -o old "$@"
	[ ! -e new ]
	[ "$(cat old)" = before ]
}

@test "a missing capture" {
	untouched "nowhere.pcap: No such file or directory" nowhere.pcap
	untouched "nowhere.pcap: No such file or directory" "$OFFICE" nowhere.pcap
}

@test "a file that is no capture" {
	echo "hello, this is text" >text
	untouched "text: this is no capture file; expected pcap or pcapng" text
	untouched "text: this is no capture file" "$OFFICE" text
	: >empty
	untouched "empty: the file is empty" empty
	mkdir folder
	untouched "folder: there is no capture file in it" folder
}

@test "standard input that is no capture" {
	echo "hello, this is text" >in
	untouched "no capture file" -
}

@test "a capture that may not be read" {
	[ "$(id -u)" = 0 ] && skip "root may read everything"
	cp "$OFFICE" secret
	chmod 0 secret
	untouched "secret: Permission denied" secret
}

@test "all that is wrong is said at once" {
	printf 'limits: {flows: many}\n' >config.yml
	printf 'sites:\n  - cod: PS1\n' >site.yml
	untouched "config.yml:1:17: limits.flows is many, expected a whole number" \
		-c config.yml -S site.yml "$OFFICE"
}

@test "a missing config, site file or folder of rules" {
	untouched "nowhere.yml: " -c nowhere.yml "$OFFICE"
	untouched "nowhere.yml: " -S nowhere.yml "$OFFICE"
	untouched "nowhere: " -s nowhere "$OFFICE"
}

@test "a config with an unknown section, an unknown key, a wrong value" {
	printf 'limit:\n  flows: 1000\n' >c.yml
	untouched "c.yml:1:1: unknown section 'limit', did you mean 'limits'?" -c c.yml "$OFFICE"
	printf 'limits:\n  flws: 1000\n' >c.yml
	untouched "c.yml:2:3: unknown setting 'flws' in limits, did you mean 'flows'?" -c c.yml "$OFFICE"
	printf 'limits:\n  memory: 1MiB\n' >c.yml
	untouched "c.yml:2:11: limits.memory is 1MiB, expected 64MiB to" -c c.yml "$OFFICE"
	printf 'timeouts:\n  hole: 3 parsecs\n' >c.yml
	untouched "c.yml:2:9: timeouts.hole is 3 parsecs, expected a time such as" -c c.yml "$OFFICE"
	printf 'decode: {verify_checksums: perhaps}\n' >c.yml
	untouched "c.yml:1:28: decode.verify_checksums is perhaps, expected true or false" \
		-c c.yml "$OFFICE"
}

@test "a config that takes more than limits.memory together" {
	printf 'limits: {memory: 64MiB, flows: 100000000}\n' >c.yml
	untouched "expected at most limits.memory" -c c.yml "$OFFICE"
}

@test "a config that is no YAML" {
	printf 'limits:\n  flows: [1\n' >c.yml
	untouched "c.yml:3:1: not valid YAML" -c c.yml "$OFFICE"
}

@test "a site file with an unknown key" {
	printf 'sites:\n  - code: PS1\n    servrs: []\n' >s.yml
	untouched "s.yml:3:5: " -S s.yml "$OFFICE"
	says "servers"
}

@test "a site file with a wrong role, address, mode or code" {
	printf 'sites:\n  - code: PS1\n    servers: [{name: a, addresses: [192.0.2.1], roles: [managment-point]}]\n' >s.yml
	untouched "s.yml:3:" -S s.yml "$OFFICE"
	says "management-point"
	printf 'sites:\n  - code: PS1\n    servers: [{name: a, addresses: [192.0.2.300], roles: [management-point]}]\n' >s.yml
	untouched "s.yml:3:" -S s.yml "$OFFICE"
	says "192.0.2.300: this is no address"
	printf 'sites:\n  - code: PS1\n    mode: htps\n' >s.yml
	untouched "s.yml:3:" -S s.yml "$OFFICE"
	says "https"
	printf 'sites:\n  - code: PS1XX\n' >s.yml
	untouched "s.yml:2:" -S s.yml "$OFFICE"
}

@test "a site file whose certificates are not there" {
	mkdir folder
	printf 'trust:\n  anchors: [root.pem]\n  crls: root.crl\n' >folder/s.yml
	untouched "folder/s.yml:2:13: folder/root.pem: cannot be read: No such file" \
		-S folder/s.yml "$OFFICE"
	says "folder/s.yml:3:9: folder/root.crl"
	touch folder/root.pem folder/root.crl
	untouched "folder/root.pem: there is no certificate in it" -S folder/s.yml "$OFFICE"
	cp "$TOP/pcaps/tls-old-version/root.pem" folder/
	printf 'trust:\n  anchors: [root.pem]\n' >folder/s.yml
	cmtap 0 read -q -S folder/s.yml "$OFFICE"
}

@test "the site file of cli.md is right" {
	cat >s.yml <<-'EOF'
		sites:
		  - code: PS1
		    mode: https
		    servers:
		      - name: mp01.corp.example
		        addresses: [192.0.2.20, "2001:db8:1::20"]
		        roles: [management-point, distribution-point]
		        macs: ["02:00:5e:00:00:14"]
		        certificates: ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]
		        initiates: site-server
		        ports: {http: [80, 8080], https: [443], sql: [1433]}
		        shares: ["pkgsrc$"]
		    accounts: {computer: {"PS1SRV$": [192.0.2.5]}, push: {"CORP\\svc-push": [192.0.2.5]}, sender: {}}
		infrastructure:
		  domain-controllers: [192.0.2.10]
		  dns: [192.0.2.10]
		  wins: [192.0.2.10]
		  dhcp: [192.0.2.10]
		  pxe: [192.0.2.31]
		trust: {}
		networks: {imaging: [198.51.100.0/24], shared-addresses: [203.0.113.7]}
		ipsec: {required-between: [[192.0.2.0/28, 192.0.2.16/28]]}
	EOF
	cmtap 0 read -q -S s.yml "$OFFICE"
}

@test "a config or site file whose settings are all left out is right" {
	printf '# limits:\n' >nothing.yml
	cmtap 0 read -q -c nothing.yml -S nothing.yml "$OFFICE"
	printf 'sites:\ninfrastructure:\ntrust:\n  anchors:\nnetworks:\nipsec:\n  required-between:\n' >nothing.yml
	cmtap 0 read -q -S nothing.yml "$OFFICE"
	printf 'limits:\n  # flows: 1000\n' >nothing.yml
	cmtap 0 read -q -c nothing.yml "$OFFICE"
	printf 'limits: {}\n---\nlimits: {}\n' >two.yml
	untouched "two.yml: a second YAML document" -c two.yml "$OFFICE"
	printf 'sites: []\n---\nsites: []\n' >two.yml
	untouched "two.yml: a second YAML document" -S two.yml "$OFFICE"
}

@test "every role of cli.md is known" {
	for role in site-server site-database sms-provider management-point distribution-point \
		branch-distribution-point software-update-point fallback-status-point \
		state-migration-point server-locator-point pxe-point reporting-point enrollment-point \
		notification-server; do
		printf 'sites: [{code: PS1, servers: [{name: a, addresses: [192.0.2.1], roles: [%s]}]}]\n' \
			"$role" >s.yml
		cmtap 0 read -q -S s.yml "$OFFICE"
	done
}

@test "a broken rule that was named, or the only one: nothing is done" {
	rules
	sed -i 's/configmgr.message.type:/configmgr.message.typ:/' rules/access/anonymous_dp_http.yml
	line=$(grep -n 'typ:' rules/access/anonymous_dp_http.yml | cut -d: -f1)
	untouched "anonymous_dp_http.yml:$line:5: " -s rules/access/anonymous_dp_http.yml "$OFFICE"
	says "configmgr.message.type"
	untouched "anonymous_dp_http.yml:$line:5: " -s "$TOP/signatures/misdirection" \
		-s rules/access/anonymous_dp_http.yml "$OFFICE"
	mkdir alone
	cp rules/access/anonymous_dp_http.yml alone/
	untouched "anonymous_dp_http.yml:$line:5: " -s alone "$OFFICE"
}

@test "a broken rule among others is left out: said at once, exit 2 at the end" {
	rules
	cmtap 0 read -q -S "$SITE" -s rules "$OFFICE"
	documents codes <out | grep -vx anonymous-dp-http >others
	sed -i 's/configmgr.message.type:/configmgr.message.typ:/' rules/access/anonymous_dp_http.yml
	printf 'title: [\n' >rules/broken.yml
	line=$(grep -n 'typ:' rules/access/anonymous_dp_http.yml | cut -d: -f1)
	cmtap 2 read -q -S "$SITE" -s rules "$OFFICE"
	says "anonymous_dp_http.yml:$line:5: "
	says "configmgr.message.type"
	says "rules/broken.yml:"
	says "mistakes in rule files: these rules are left out, the others work"
	documents codes <out | diff - others
}

@test "an output that cannot be written" {
	echo before >old
	wrong "nowhere/x: cannot be written: No such file or directory" read -o old -o new -o nowhere/x "$OFFICE"
	[ ! -e new ]
	[ "$(cat old)" = before ]
	mkdir folder
	wrong "folder: cannot be written: Is a directory" read -o new -o folder "$OFFICE"
	[ ! -e new ]
	wrong "--output new: given twice" read -o new -o new "$OFFICE"
	[ ! -e new ]
}

@test "an output that is not there yet in this version says so" {
	for sink in syslog://h tls+syslog://h kafka://b/t unix:/p; do
		case $("$CMTAP" read -q -o "$sink" "$OFFICE" 2>&1) in
		*"expected a path or -"*) ;;
		*) false ;;
		esac
	done
}

@test "watch: broken files, an unknown interface" {
	wrong "nosuch0: there is no such network interface" watch -i nosuch0 -o new
	says "lo"
	printf 'limits: {flws: 1}\n' >c.yml
	wrong "c.yml:1:10: unknown setting 'flws' in limits" watch -i lo -o new -c c.yml
	[ ! -e new ]
}

@test "learn: broken files" {
	printf 'limits: {flws: 1}\n' >c.yml
	wrong "c.yml:1:10: unknown setting 'flws' in limits" learn -c c.yml "$OFFICE"
	wrong "nowhere.pcap: No such file" learn nowhere.pcap
}

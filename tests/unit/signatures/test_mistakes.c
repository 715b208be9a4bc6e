/* What is wrong with rules is told with its place, what was expected and the nearest name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "signatures/sigma/sigma.h"

#define HEAD            "title: T\nname: t\nlogsource: {service: http}\n"
#define DETECTION(text) HEAD "detection:\n    " text "\n    condition: s\n"
#define BASE                                                                                       \
	"title: b\nname: b\nlogsource: {service: http}\ndetection:\n    s: {url.path: x}\n"        \
	"    condition: s\n---\n"
#define CORRELATION(text) BASE "title: C\nname: c\ncorrelation: {" text "}\n"

/* A text of rules, and all that is said of it, a line each. */
struct mistake {
	const char *text, *said;
};

static void said_of(const char *text, char *to, size_t size)
{
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load_text("t.yml", bytes_of(text), &complaints);
	size_t n = 0;

	to[0] = 0;
	for (const struct complaint *c = complaints.first; c; c = c->next)
		n += (size_t)snprintf(to + n, size - n, "%s%s", n ? "\n" : "", c->text);
	sigma_free(set);
	complaints_free(&complaints);
}

static void assert_said(const struct mistake *m, size_t count)
{
	static char said[8192];

	for (; count--; m++) {
		said_of(m->text, said, sizeof(said));
		assert_string_equal(said, m->said ? m->said : "");
	}
}

static void mistakes_in_entries_are_told(void **state)
{
	static const struct mistake mistakes[] = {
	        {DETECTION("s: {url.pth: x}"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field 'url.pth': there is no field "
	         "'url.pth' (did you mean 'url.path'?)"},
	        {DETECTION("s: {url.path|containz: x}"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field 'url.path|containz': there "
	         "is no modifier 'containz' (did you mean 'contains'?)"},
	        {DETECTION("s: {url.path|contains: 80}"),
	         "t.yml:5:28: rule \"T\": search identifier 's', field 'url.path|contains': "
	         "'contains' takes text, not an integer: put it in quotes"},
	        {DETECTION("s: {server.port|gt: '5'}"),
	         "t.yml:5:25: rule \"T\": search identifier 's', field 'server.port|gt': 'gt' "
	         "takes a number, not text: drop the quotes"},
	        {DETECTION("s: {url.path|exists: 'true'}"),
	         "t.yml:5:26: rule \"T\": search identifier 's', field 'url.path|exists': 'exists' "
	         "takes true or false, not text: drop the quotes"},
	        {DETECTION("s: {'|exists': true}"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field '|exists': 'exists' needs a "
	         "field before it"
	         "\nt.yml:5:5: warning: rule \"T\": keywords are looked for in every field: name "
	         "one where you can"},
	        {DETECTION("s: {url.path|base64: 'a*b'}"),
	         "t.yml:5:26: rule \"T\": search identifier 's', field 'url.path|base64': text to "
	         "encode must not hold wildcards: escape * and ?, and let 'contains' follow"},
	        {DETECTION("s: {url.path|re: 'a('}"),
	         "t.yml:5:22: rule \"T\": search identifier 's', field 'url.path|re': bad regular "
	         "expression at character 2: missing closing parenthesis"},
	        {DETECTION("s: {url.path|base64|re: 'a'}"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field 'url.path|base64|re': 're' "
	         "must be the first modifier"},
	        {DETECTION("s: {url.path|i: 'a'}"),
	         "t.yml:5:21: rule \"T\": search identifier 's', field 'url.path|i': 'i' is an "
	         "option of regular expressions and follows 're'"},
	        {DETECTION("s: {client.ip|cidr: '10.0.0.1/8'}"),
	         "t.yml:5:25: rule \"T\": search identifier 's', field 'client.ip|cidr': the "
	         "network has bits set behind its prefix"},
	        {DETECTION("s: {client.ip|cidr: 'x'}"),
	         "t.yml:5:25: rule \"T\": search identifier 's', field 'client.ip|cidr': expected "
	         "an address or a network such as 192.0.2.0/24 or 2001:db8::/32"},
	        {DETECTION("s: {url.path: [a, null]}"),
	         "t.yml:5:23: rule \"T\": search identifier 's', field 'url.path': null must not "
	         "be in a list: ask for it in an entry of its own"},
	        {DETECTION("s: {url.path|expand: '%x%'}"),
	         "t.yml:5:26: rule \"T\": search identifier 's', field 'url.path|expand': no list "
	         "is configured for the placeholder %x%"},
	        {DETECTION("s: {}"),
	         "t.yml:5:8: rule \"T\": search identifier 's': an empty mapping asks nothing"},
	        {DETECTION("s: []"),
	         "t.yml:5:8: rule \"T\": search identifier 's': an empty list asks nothing"},
	        {DETECTION("s: {url.path: {a: 1}}"),
	         "t.yml:5:19: rule \"T\": search identifier 's', field 'url.path': expected a "
	         "text, a number, true, false or null, or a list of them; not a mapping"},
	        {DETECTION("s: {url.path: [[a]]}"),
	         "t.yml:5:20: rule \"T\": search identifier 's', field 'url.path': expected a "
	         "text, a number, true, false or null, or a list of them; not a list"},
	        {DETECTION("s: {url.path: 2024-01-01}"),
	         "t.yml:5:19: rule \"T\": search identifier 's', field 'url.path': '2024-01-01' is "
	         "a date for YAML: put it in quotes if it is text"},
	        {DETECTION("s: {url.path: .inf}"),
	         "t.yml:5:19: rule \"T\": search identifier 's', field 'url.path': '.inf' is no "
	         "finite number for YAML: put it in quotes if it is text"},
	        {DETECTION("s: [null]"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field '(keywords)': null must not "
	         "be in a list: ask for it in an entry of its own"
	         "\nt.yml:5:5: warning: rule \"T\": keywords are looked for in every field: name "
	         "one where you can"},
	        {DETECTION("s: [true]"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field '(keywords)': a keyword must "
	         "be text or a number, not a boolean: quote it"
	         "\nt.yml:5:5: warning: rule \"T\": keywords are looked for in every field: name "
	         "one where you can"},
	        {DETECTION("s: {url.path|fieldref: nope}"),
	         "t.yml:5:28: rule \"T\": search identifier 's', field 'url.path|fieldref': there "
	         "is no field 'nope'"},
	        {DETECTION("s: {url.path|contains|cidr: '10.0.0.0/8'}"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field 'url.path|contains|cidr': "
	         "'cidr' must be the first modifier"},
	        {DETECTION("s: {url.path|fieldref: 'a*'}"),
	         "t.yml:5:28: rule \"T\": search identifier 's', field 'url.path|fieldref': a "
	         "field reference is the name of one field, without wildcards"},
	        {DETECTION("s: {server.port|gt|lt: 5}"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field 'server.port|gt|lt': one "
	         "comparison is enough: for a range use two entries"},
	        {DETECTION("s: {event.start|hour|day: 5}"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field 'event.start|hour|day': one "
	         "part of a time is enough"},
	        {DETECTION("s: {event.start|hour: 'x'}"),
	         "t.yml:5:27: rule \"T\": search identifier 's', field 'event.start|hour': 'hour' "
	         "takes an integer, not text: drop the quotes"},
	        {DETECTION("s: {url.path|all: x}"),
	         "t.yml:5:9: warning: rule \"T\": search identifier 's', field 'url.path|all': "
	         "'all' on a single value changes nothing"},
	        {DETECTION("s: {url.path|wide: 'foob\xc3"
	                   "\xa4"
	                   "r'}"),
	         "t.yml:5:24: rule \"T\": search identifier 's', field 'url.path|wide': UTF-16 of "
	         "text beyond ASCII is not portable: converters refuse it"},
	        {DETECTION("s: {url.path|base64offset: 'x'}"),
	         "t.yml:5:32: rule \"T\": search identifier 's', field 'url.path|base64offset': "
	         "too short: one byte leaves nothing certain in base64"},
	        {DETECTION("s: {'url.path|': 'x'}"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field 'url.path|': there is no "
	         "modifier ''"},
	        {DETECTION("s: {url.path|exists|contains: true}"),
	         "t.yml:5:9: rule \"T\": search identifier 's', field 'url.path|exists|contains': "
	         "'exists' takes no other modifier"},
	};

	(void)state;
	assert_said(mistakes, sizeof(mistakes) / sizeof(*mistakes));
}

static void values_that_can_never_match_are_warned_of(void **state)
{
	static const struct mistake mistakes[] = {
	        {DETECTION("s: {url.path: off}"),
	         "t.yml:5:19: warning: rule \"T\": search identifier 's', field 'url.path': this "
	         "can never match: the field is of type text, the value is a boolean"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {server.port: abc}"),
	         "t.yml:5:22: warning: rule \"T\": search identifier 's', field 'server.port': "
	         "this can never match: the field is an integer, and the text is not how one is "
	         "written"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {server.port: '0445'}"),
	         "t.yml:5:22: warning: rule \"T\": search identifier 's', field 'server.port': "
	         "this can never match: the field is an integer, and the text is not how one is "
	         "written"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {client.ip: 'abc'}"),
	         "t.yml:5:20: warning: rule \"T\": search identifier 's', field 'client.ip': this "
	         "can never match: the field is an address, and the text is none (for a network "
	         "use 'cidr')"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {client.ip: '::ffff:10.0.0.1'}"),
	         "t.yml:5:20: warning: rule \"T\": search identifier 's', field 'client.ip': this "
	         "can never match: the canonical form of this address is 10.0.0.1"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {client.ip: 5}"),
	         "t.yml:5:20: warning: rule \"T\": search identifier 's', field 'client.ip': this "
	         "can never match: the field is of type address, the value is an integer"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {configmgr.message.signed: 'true'}"),
	         "t.yml:5:35: warning: rule \"T\": search identifier 's', field "
	         "'configmgr.message.signed': this can never match: the field is true or false, "
	         "which is written without quotes"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {server.port|cidr: '10.0.0.0/8'}"),
	         "t.yml:5:27: warning: rule \"T\": search identifier 's', field "
	         "'server.port|cidr': this can never match: the field is no address"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {client.ip|gt: 5}"),
	         "t.yml:5:23: warning: rule \"T\": search identifier 's', field 'client.ip|gt': "
	         "this can never match: the field is no number"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {url.path|hour: 5}"),
	         "t.yml:5:24: warning: rule \"T\": search identifier 's', field 'url.path|hour': "
	         "this can never match: the field is no time"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	        {DETECTION("s: {url.path: 'C:\\x\\*'}"),
	         "t.yml:5:19: warning: rule \"T\": search identifier 's', field 'url.path': '\\*' "
	         "at the end is a literal star: for a backslash and a wildcard write '\\\\*'"},
	        {DETECTION("s: {url.path: 'x'}\n    u: {url.path: y}"),
	         "t.yml:6:5: warning: rule \"T\": the condition does not use search identifier "
	         "'u'"},
	        {DETECTION("not_me: {url.path: x}\n    s: {url.path: x}"),
	         "t.yml:5:5: warning: rule \"T\": converters read 'not_me' as 'not' and '_me': use "
	         "another name"
	         "\nt.yml:5:5: warning: rule \"T\": the condition does not use search identifier "
	         "'not_me'"},
	        {HEAD "detection: {s: {url.path|exists: false}, condition: s}\n",
	         "t.yml:1:1: warning: rule \"T\": it has no positive test of a field to start "
	         "from, so it is asked for every event"},
	        {DETECTION("s: {tls.cipher: x}"),
	         "t.yml:5:9: warning: rule \"T\": search identifier 's', field 'tls.cipher': no "
	         "event of this log source has the field 'tls.cipher'"},
	        {HEAD "detection: {s: {url.path: off}, condition: s}\n",
	         "t.yml:4:27: warning: rule \"T\": search identifier 's', field 'url.path': this "
	         "can never match: the field is of type text, the value is a boolean"
	         "\nt.yml:1:1: warning: rule \"T\": it can never match"},
	};

	(void)state;
	assert_said(mistakes, sizeof(mistakes) / sizeof(*mistakes));
}

static void mistakes_in_conditions_are_told(void **state)
{
	static const struct mistake mistakes[] = {
	        {DETECTION("a b: {url.path: x}\n    s: {url.path: x}"),
	         "t.yml:5:5: rule \"T\": 'a b' cannot be named in a condition: use letters, digits "
	         "and _"},
	        {DETECTION("and: {url.path: x}\n    s: {url.path: x}"),
	         "t.yml:5:5: rule \"T\": 'and' is a word of conditions and cannot name a search"},
	        {HEAD "detection: {s: {url.path: x}, condition: s AND s}\n",
	         "t.yml:4:42: rule \"T\": the condition, at character 3, 'AND': expected 'and', "
	         "'or' or the end (operators are written in lower case)"},
	        {HEAD "detection: {s: {url.path: x}, condition: t}\n",
	         "t.yml:4:42: rule \"T\": the condition, at character 1, 't': there is no search "
	         "identifier of this name; there is s"},
	        {HEAD "detection: {s: {url.path: x}, condition: 's | count() > 5'}\n",
	         "t.yml:4:42: rule \"T\": the condition, at character 3, '|': aggregations behind "
	         "'|' are no longer Sigma: write a correlation rule"},
	        {HEAD "detection: {s: {url.path: x}, condition: s and not 1 of filter_*}\n",
	         "t.yml:4:42: rule \"T\": the condition, at character 16, 'filter_*': no search "
	         "identifier fits this"},
	        {HEAD "detection: {s: {url.path: x}, condition: 2 of them}\n",
	         "t.yml:4:42: rule \"T\": the condition, at character 1, '2': only '1 of', 'any "
	         "of' and 'all of' exist"},
	        {HEAD "detection: {s: {url.path: x}, condition: (s}\n",
	         "t.yml:4:42: rule \"T\": the condition, at character 3: expected ')'"},
	        {HEAD "detection: {s: {url.path: x}, condition: s)}\n",
	         "t.yml:4:42: rule \"T\": the condition, at character 2, ')': expected 'and', 'or' "
	         "or the end (operators are written in lower case)"},
	        {HEAD "detection: {s: {url.path: x}, condition: ''}\n",
	         "t.yml:4:42: rule \"T\": the condition, at character 1: expected a search "
	         "identifier"},
	        {HEAD "detection: {s: {url.path: x}, condition: 1 of a-b}\n",
	         "t.yml:4:42: rule \"T\": the condition, at character 6, 'a-b': a pattern must not "
	         "hold '-'"},
	        {HEAD "detection: {s: {url.path: x}, condition: 5}\n",
	         "t.yml:4:42: rule \"T\": a condition must be text, not an integer"},
	        {HEAD "detection: {s: {url.path: x}}\n",
	         "t.yml:4:12: rule \"T\": there is no 'condition'"},
	        {HEAD "detection: {condition: s}\n",
	         "t.yml:4:12: rule \"T\": there is no search identifier"},
	        {HEAD "detection: x\n", "t.yml:4:12: rule \"T\": 'detection' must be a mapping of "
	                                "search identifiers and a condition, not text"},
	};

	(void)state;
	assert_said(mistakes, sizeof(mistakes) / sizeof(*mistakes));
}

static void mistakes_around_the_detection_are_told(void **state)
{
	static const struct mistake mistakes[] = {
	        {HEAD "", "t.yml:1:1: rule \"T\": there is no 'detection'"},
	        {"id: x\nlogsource: {service: http}\ndetection: {s: {url.path: x}, condition: s}\n",
	         "t.yml:1:1: there is no 'title'"
	         "\nt.yml:1:5: the id must be a UUID"},
	        {"title: x\nname: ''\nlevel: hgih\nstatus: stabel\ndate: 2024/01/01\nmodified: "
	         "yesterday\ntags: [foo, attack.foo, Attack.T1]\nrelated: {a: 1}\ntaxonomy: "
	         "other\nreferenzes: x\nfalsepositive: x\ncustom: {contrl: x, evidence: "
	         "[url.pat]}\nlogsource: {service: htttp}\ndetection: {s: {url.path: x}, "
	         "condition: s}\n",
	         "t.yml:2:7: rule \"x\": the name must not be empty"
	         "\nt.yml:10:1: warning: rule \"x\": the key 'referenzes' has no meaning (did you "
	         "mean 'references'?)"
	         "\nt.yml:11:1: warning: rule \"x\": the key 'falsepositive' has no meaning (did "
	         "you mean 'falsepositives'?)"
	         "\nt.yml:4:9: rule \"x\": there is no status 'stabel' (did you mean 'stable'?)"
	         "\nt.yml:3:8: rule \"x\": there is no level 'hgih' (did you mean 'high'?)"
	         "\nt.yml:5:7: warning: rule \"x\": 'date': dates are written YYYY-MM-DD since "
	         "Sigma 2.0"
	         "\nt.yml:6:11: rule \"x\": 'modified' must be a date, YYYY-MM-DD"
	         "\nt.yml:7:8: rule \"x\": tag 'foo' needs a namespace, a dot and a name, such as "
	         "attack.t1557"
	         "\nt.yml:7:13: warning: rule \"x\": tag 'attack.foo' is no tactic or technique "
	         "that is known here"
	         "\nt.yml:7:25: warning: rule \"x\": tag 'Attack.T1' should be of a-z, 0-9, '-', "
	         "'_' and '.'"
	         "\nt.yml:8:10: rule \"x\": 'related' must be a list of {id, type}, not a mapping"
	         "\nt.yml:12:10: rule \"x\": there is no key in 'custom' 'contrl' (did you mean "
	         "'control'?)"
	         "\nt.yml:12:32: rule \"x\": there is no field 'url.pat' (did you mean 'url.path'?)"
	         "\nt.yml:9:11: rule \"x\": the names of taxonomy 'other' are not known here"
	         "\nt.yml:13:22: rule \"x\": there is no service 'htttp' (did you mean 'http'?)"},
	        {"title: x\nname: y\nlogsource: {product: windows}\ndetection: {s: {url.path: x}, "
	         "condition: s}\n",
	         "t.yml:3:22: rule \"x\": no events here are of product 'windows': expected "
	         "'configmgr'"},
	        {"title: x\nname: y\nlogsource: {}\ndetection: {s: {url.path: x}, condition: s}\n",
	         "t.yml:3:12: rule \"x\": 'logsource' must name at least one of product, category "
	         "and service"},
	        {"title: x\nname: y\ndetection: {s: {url.path: x}, condition: s}\n",
	         "t.yml:1:1: rule \"x\": 'logsource' must be a mapping, and is missing"},
	        {"- a\n", "t.yml:1:1: a rule must be a mapping, not a list"},
	        {"action: global\ntitle: x\n",
	         "t.yml:1:9: 'action' documents are no longer Sigma: write the rules out"},
	        {HEAD "detection:\n    s: {url.path: x}\n    condition: s\n---\ntitle: T\nname: "
	              "t\nlogsource: {service: http}\ndetection:\n    s: {url.path: x}\n    "
	              "condition: s\n",
	         "t.yml:9:7: rule \"T\": the name is that of rule \"T\" too, t.yml:1"},
	};

	(void)state;
	assert_said(mistakes, sizeof(mistakes) / sizeof(*mistakes));
}

static void mistakes_in_correlations_are_told(void **state)
{
	static const struct mistake mistakes[] = {
	        {CORRELATION("type: event_cout, rules: [b], timespan: 1m, condition: {gte: 3}"),
	         "t.yml:10:21: rule \"C\": there is no type 'event_cout' (did you mean "
	         "'event_count'?)"
	         "\nt.yml:10:14: warning: rule \"C\": without 'group-by' all events are one group, "
	         "and converters refuse it"},
	        {CORRELATION(
	                 "type: value_percentile, rules: [b], timespan: 1m, condition: {gte: 3}"),
	         "t.yml:10:21: rule \"C\": 'value_percentile' is not supported: the standard does "
	         "not say what its number means"
	         "\nt.yml:10:14: warning: rule \"C\": without 'group-by' all events are one group, "
	         "and converters refuse it"},
	        {CORRELATION("type: event_count, rules: [bb], group-by: [client.ip], timespan: 1m, "
	                     "condition: {gte: 3}"),
	         "t.yml:10:42: rule \"C\": there is no rule 'bb' (did you mean 'b'?)"},
	        {CORRELATION("type: event_count, rules: [c], group-by: [client.ip], timespan: 1m, "
	                     "condition: {gte: 3}"),
	         "t.yml:10:14: rule \"C\": it refers to itself, directly or through others, or "
	         "through more than 16 of them"},
	        {CORRELATION("type: event_count, rules: [b, b], group-by: [client.ip], timespan: "
	                     "1m, condition: {gte: 3}"),
	         "t.yml:10:45: rule \"C\": 'b' is listed twice"},
	        {CORRELATION("type: event_count, rules: [b], group-by: [client.pi], timespan: 1m, "
	                     "condition: {gte: 3}"),
	         "t.yml:10:56: rule \"C\": there is no field 'client.pi' (did you mean "
	         "'client.ip'?)"},
	        {CORRELATION("type: event_count, rules: [b], group-by: [client.ip], timespan: "
	                     "1h30m, condition: {gte: 3}"),
	         "t.yml:10:79: rule \"C\": 'timespan' must be a whole number and s, m, h or d, "
	         "such as 10m, and at most 366d"},
	        {CORRELATION("type: event_count, rules: [b], group-by: [client.ip], timespan: 90, "
	                     "condition: {gte: 3}"),
	         "t.yml:10:79: rule \"C\": 'timespan' must be a whole number and s, m, h or d, "
	         "such as 10m, and at most 366d"},
	        {CORRELATION("type: event_count, rules: [b], group-by: [client.ip], timespan: 1m, "
	                     "condition: {ge: 3}"),
	         "t.yml:10:95: rule \"C\": there is no operator 'ge' (did you mean 'gt'?)"},
	        {CORRELATION("type: event_count, rules: [b], group-by: [client.ip], timespan: 1m, "
	                     "condition: {gte: '3'}"),
	         "t.yml:10:100: rule \"C\": 'gte' takes an integer, not text"},
	        {CORRELATION("type: event_count, rules: [b], group-by: [client.ip], timespan: 1m, "
	                     "condition: {gte: 3, field: x}"),
	         "t.yml:10:103: rule \"C\": 'field' means nothing for this type"},
	        {CORRELATION("type: value_count, rules: [b], group-by: [client.ip], timespan: 1m, "
	                     "condition: {gte: 3}"),
	         "t.yml:10:94: rule \"C\": there is no 'field': of what?"},
	        {CORRELATION("type: value_sum, rules: [b], group-by: [client.ip], timespan: 1m, "
	                     "condition: {gte: 3, field: client.ip}"),
	         "t.yml:10:108: rule \"C\": 'client.ip' is no number"},
	        {CORRELATION("type: temporal, rules: [b], group-by: [client.ip], timespan: 1m, "
	                     "condition: b and c"),
	         "t.yml:10:38: warning: rule \"C\": one rule alone: what should it be together "
	         "with?"
	         "\nt.yml:10:91: rule \"C\": 'condition' must be a mapping such as {gte: 10}, not "
	         "text; conditions over rule names are not in the standard"},
	        {CORRELATION("type: event_count, rules: [b], group-by: [x], aliases: {x: {c: "
	                     "client.ip}}, timespan: 1m, condition: {gte: 3}"),
	         "t.yml:10:75: rule \"C\": 'c' is none of the rules of this correlation"
	         "\nt.yml:10:71: rule \"C\": alias 'x' does not say what it is in rule 'b'"},
	        {CORRELATION("type: event_count, rule: [b], timespan: 1m, condition: {gte: 3}"),
	         "t.yml:10:34: rule \"C\": there is no key 'rule' in 'correlation' (did you mean "
	         "'rules'?)"
	         "\nt.yml:10:14: rule \"C\": there is no 'rules': the ids or names of what is "
	         "counted"
	         "\nt.yml:10:14: warning: rule \"C\": without 'group-by' all events are one group, "
	         "and converters refuse it"},
	        {CORRELATION("type: event_count, rules: [b], timespan: -1m, condition: {}"),
	         "t.yml:10:14: warning: rule \"C\": without 'group-by' all events are one group, "
	         "and converters refuse it"
	         "\nt.yml:10:56: rule \"C\": 'timespan' must be a whole number and s, m, h or d, "
	         "such as 10m, and at most 366d"
	         "\nt.yml:10:72: rule \"C\": there is no operator: expected gt, gte, lt, lte, eq "
	         "or neq"},
	        {CORRELATION("type: event_count, rules: [b], group-by: [client.ip], timespan: 1m, "
	                     "condition: {gte: 0}"),
	         "t.yml:10:94: warning: rule \"C\": every event satisfies this"},
	};

	(void)state;
	assert_said(mistakes, sizeof(mistakes) / sizeof(*mistakes));
}

static void mistakes_in_filters_are_told(void **state)
{
	static const struct mistake mistakes[] = {
	        {"title: F\nlogsource: {service: http}\nfilter: {rules: [zz], s: {url.path: x}, "
	         "condition: s}\n",
	         "t.yml:3:52: warning: rule \"F\": the condition holds no 'not': the rules will "
	         "match only what it selects"
	         "\nt.yml:3:18: rule \"F\": there is no rule 'zz'"},
	        {"title: F\nlogsource: {service: http}\nfilter: {s: {url.path: x}, condition: not "
	         "s}\n",
	         "t.yml:3:9: rule \"F\": there is no 'rules': a list of ids or names, or any"},
	};

	(void)state;
	assert_said(mistakes, sizeof(mistakes) / sizeof(*mistakes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(mistakes_in_entries_are_told),
	        cmocka_unit_test(values_that_can_never_match_are_warned_of),
	        cmocka_unit_test(mistakes_in_conditions_are_told),
	        cmocka_unit_test(mistakes_around_the_detection_are_told),
	        cmocka_unit_test(mistakes_in_correlations_are_told),
	        cmocka_unit_test(mistakes_in_filters_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

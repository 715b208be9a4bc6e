/* Foreign rules: what is written for proxies, web servers and Zeek loads through the shipped
 * mapping and matches as it should. The rules exercise what real ones of SigmaHQ do, in words of
 * our own. */
#include "tests/unit/signatures/rules.h"

#include <unistd.h>

#define MAPPING "packaging/mappings/sigma.yml"

static struct bench b;
static struct sigma_mapping *mapping;

static int close_bench(void **state)
{
	(void)state;
	bench_close(&b);
	sigma_mapping_free(mapping);
	mapping = NULL;
	return 0;
}

static void open_foreign(const char *rules)
{
	struct sigma_options options = {.compatible = true};

	mapping = sigma_mapping_read(MAPPING, &b.complaints);
	complaints_print(&b.complaints, stderr);
	assert_non_null(mapping);
	sigma_mapping_use(mapping, &options);
	b.event = calloc(1, sizeof(*b.event));
	b.set = sigma_load_text_with(&options, "foreign.yml", bytes_of(rules), &b.complaints);
	b.detector = sigma_detector_open(b.set, (struct sigma_limits){0});
	complaints_print(&b.complaints, stderr);
	assert_int_equal(b.complaints.errors, 0);
}

/* Whether an HTTP event of these facts hits. */
static bool hits(const char *method, const char *uri, const char *agent, const char *server)
{
	struct address a;

	event_begin(b.event, EVENT_HTTP, 0);
	event_set_name(b.event, FIELD_HTTP_REQUEST_METHOD, method);
	event_set_name(b.event, FIELD_URL_ORIGINAL, uri);
	event_set_name(b.event, FIELD_USER_AGENT_ORIGINAL, agent);
	if (server) {
		address_parse(bytes_of(server), &a);
		event_set_address(b.event, FIELD_DESTINATION_IP, a);
	}
	b.hits = 0;
	bench_send(&b);
	return b.hits > 0;
}

static void uploads_to_servers_outside(void **state)
{
	(void)state;
	open_foreign(
	        "title: upload\nname: upload\nlogsource: {product: zeek, service: http}\n"
	        "detection:\n    selection:\n        user_agent|contains: WebDAV\n"
	        "        method: PUT\n    filter_private:\n        id.resp_h|cidr:\n"
	        "            - 10.0.0.0/8\n            - 192.168.0.0/16\n            - fc00::/7\n"
	        "    condition: selection and not 1 of filter_*\n");
	assert_true(hits("PUT", "/x", "Microsoft-webdav-miniredir", "198.51.100.1"));
	assert_false(hits("PUT", "/x", "Microsoft-WebDAV-MiniRedir", "10.1.2.3"));
	assert_false(hits("PUT", "/x", "Microsoft-WebDAV-MiniRedir", "fd00::1"));
	assert_true(
	        hits("PUT", "/x", "Microsoft-WebDAV-MiniRedir", NULL)); /* absent: not filtered */
	assert_false(hits("GET", "/x", "Microsoft-WebDAV-MiniRedir", NULL));
}

static void odd_user_agents_but_for_known_ones(void **state)
{
	(void)state;
	open_foreign(
	        "title: agents\nname: agents\nlogsource: {category: proxy}\ndetection:\n"
	        "    selection1:\n        c-useragent|startswith: [user-agent, ' Mozilla/']\n"
	        "    selection2:\n        c-useragent|contains: [loader, ' (compatible;MSIE ']\n"
	        "    selection3:\n        c-useragent: ['_', 'Mozilla/3.0 * Test']\n"
	        "    falsepositives:\n        - c-useragent: 'Mozilla/3.0 * Acrobat *'\n"
	        "        - cs-host|endswith: ['.acrobat.example', '.adobe.example']\n"
	        "    condition: 1 of selection* and not falsepositives\n");
	assert_true(hits("GET", "/", "evilLOADER/1", NULL));
	assert_true(hits("GET", "/", "_", NULL));
	assert_false(hits("GET", "/", "__", NULL));
	assert_true(hits("GET", "/", "Mozilla/3.0 (x) Test", NULL));
	assert_false(hits("GET", "/", "Mozilla/3.0 loader Acrobat 9", NULL));
	assert_false(hits("GET", "/", "Mozilla/5.0", NULL));
}

static void an_empty_agent_is_not_an_absent_one(void **state)
{
	(void)state;
	open_foreign("title: empty\nname: empty\nlogsource: {category: proxy}\n"
	             "detection: {selection: {c-useragent: ''}, condition: selection}\n");
	assert_true(hits("GET", "/", "", NULL));
	assert_false(hits("GET", "/", NULL, NULL));
}

static void escaped_question_marks_and_unquoted_paths(void **state)
{
	(void)state;
	open_foreign("title: path\nname: path\nlogsource: {category: webserver}\ndetection:\n"
	             "    s1: {cs-uri|contains: '/load.php\\?a='}\n"
	             "    s2: {cs-uri: /wsman, sc-status: 200}\n"
	             "    f1: {cs-bytes: 0}\n"
	             "    condition: s1 or (s2 and not f1)\n");
	assert_true(hits("GET", "/x/load.php?a=1", NULL, NULL));
	assert_false(hits("GET", "/x/load.phpXa=1", NULL, NULL));
	assert_false(hits("POST", "/wsman", NULL, NULL));
	event_set_integer(b.event, FIELD_HTTP_RESPONSE_STATUS_CODE, 200);
	bench_send(&b);
	assert_int_equal(b.hits, 1);
	event_set_integer(b.event, FIELD_HTTP_REQUEST_BODY_BYTES, 0);
	bench_send(&b);
	assert_int_equal(b.hits, 1);
}

static void a_rule_of_negations_alone_works(void **state)
{
	(void)state;
	open_foreign("title: public\nname: public\nlogsource: {product: zeek, service: conn}\n"
	             "detection:\n    selection:\n        id.orig_h|cidr: ['10.0.0.0/8', "
	             "'::1/128']\n    condition: not selection\n");
	event_begin(b.event, EVENT_CONNECTION, 0);
	bench_send(&b);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.complaints.warnings, 1); /* nothing to start from */
}

static bool calls(const char *interface, const char *operation)
{
	event_begin(b.event, EVENT_RPC, 0);
	event_set_name(b.event, FIELD_CONFIGMGR_RPC_INTERFACE, interface);
	event_set_name(b.event, FIELD_CONFIGMGR_RPC_OPERATION, operation);
	b.hits = 0;
	bench_send(&b);
	return b.hits > 0;
}

static void calls_that_make_a_server_log_on_elsewhere(void **state)
{
	(void)state;
	open_foreign("title: coerced\nname: coerced\nlogsource: {product: zeek, service: dce_rpc}\n"
	             "detection: {calls: {operation|startswith: efs}, condition: calls}\n");
	assert_true(calls("efsrpc", "EfsRpcOpenFileRaw"));
	assert_false(calls("srvsvc", "NetrShareEnum"));
	assert_false(calls("efsrpc", NULL));
}

static void one_of_several_pairs_of_interface_and_operation(void **state)
{
	(void)state;
	open_foreign("title: run\nname: run\nlogsource: {product: zeek, service: dce_rpc}\n"
	             "detection:\n"
	             "    op1: {endpoint: JobAdd, operation: atsvc}\n" /* the wrong way round */
	             "    op2: {endpoint: svcctl, operation|endswith: [CreateServiceW, "
	             "StartServiceA]}\n"
	             "    op3: {endpoint: ITaskSchedulerService, operation: SchRpcRun}\n"
	             "    condition: 1 of op*\n");
	assert_true(calls("svcctl", "RCreateServiceW"));
	assert_true(calls("svcctl", "RStartServiceA"));
	assert_false(calls("svcctl", "ROpenSCManagerW"));
	assert_false(calls("atsvc", "JobAdd"));
	assert_true(calls("ITaskSchedulerService", "SchRpcRun"));
}

static void connections_by_what_their_tls_shows(void **state)
{
	(void)state;
	open_foreign("title: tls\nname: tls\nlogsource: {product: zeek, service: ssl}\ndetection:\n"
	             "    s: {server_name|endswith: ['.example', '.test'], established: true}\n"
	             "    f: {issuer|contains: 'CN=corp root'}\n"
	             "    j: {ja3: 72a589da586844d7f0818ce684948eea}\n"
	             "    condition: (s or j) and not f\n");
	event_begin(b.event, EVENT_TLS, 0);
	event_set_name(b.event, FIELD_TLS_CLIENT_SERVER_NAME, "c2.example");
	bench_send(&b);
	assert_int_equal(b.hits, 0);
	event_set_boolean(b.event, FIELD_TLS_ESTABLISHED, true);
	bench_send(&b);
	assert_int_equal(b.hits, 1);
	event_set_name(b.event, FIELD_TLS_SERVER_X509_ISSUER, "CN=Corp Root, O=Corp");
	bench_send(&b);
	assert_int_equal(b.hits, 1);
	event_begin(b.event, EVENT_TLS, 0);
	event_set_name(b.event, FIELD_TLS_CLIENT_JA3, "72a589da586844d7f0818ce684948eea");
	bench_send(&b);
	assert_int_equal(b.hits, 2);
}

/* Whether a rule hits on a file of a share. */
static bool opens(const char *tree, const char *path)
{
	event_begin(b.event, EVENT_SMB_FILE, 0);
	event_set_name(b.event, FIELD_CONFIGMGR_SMB_TREE, tree);
	event_set_name(b.event, FIELD_FILE_PATH, path);
	b.hits = 0;
	bench_send(&b);
	return b.hits > 0;
}

static void files_on_administrative_shares(void **state)
{
	(void)state;
	open_foreign("title: dump\nname: dump\nlogsource: {product: zeek, service: smb_files}\n"
	             "detection:\n    s:\n        path|contains|all: ['\\', 'ADMIN$']\n"
	             "        name|contains: 'SYSTEM32\\'\n        name|endswith: '.tmp'\n"
	             "    condition: s\n");
	assert_true(opens("\\\\mp01.corp.example\\ADMIN$", "System32\\a8k2.tmp"));
	assert_false(opens("\\\\mp01.corp.example\\ADMIN$", "Temp\\a8k2.tmp"));
	assert_false(opens("\\\\mp01.corp.example\\C$", "System32\\a8k2.tmp"));
}

static void pipes_but_for_known_ones(void **state)
{
	(void)state;
	open_foreign("title: pipes\nname: pipes\nlogsource: {product: zeek, service: smb_files}\n"
	             "detection:\n    s:\n        path|contains|all: ['\\\\', '\\IPC$']\n"
	             "        name|endswith: ['-stdin', '-stdout']\n"
	             "    filter: {name|startswith: PSEXESVC}\n    condition: s and not filter\n");
	assert_true(opens("\\\\dp01\\IPC$", "other-dp01-4711-stdin"));
	assert_false(opens("\\\\dp01\\IPC$", "PSEXESVC-dp01-4711-stdin"));
	assert_false(opens("\\\\dp01\\IPC$", "svcctl"));
}

/* Rules that were converted carelessly escape the star: they mean a star, and no path has one. */
static void an_escaped_star_is_no_wildcard(void **state)
{
	(void)state;
	open_foreign("title: star\nname: star\nlogsource: {product: zeek, service: smb_files}\n"
	             "detection:\n    s: {path: '\\\\\\*\\IPC$', name: atsvc}\n    condition: s\n");
	assert_false(opens("\\\\dp01\\IPC$", "atsvc"));
	assert_true(opens("\\*\\IPC$", "atsvc"));
}

/* Whether a rule hits on a question for that, and its answer. */
static bool asks(const char *name, const char *type, const char *code, const char *answer)
{
	const struct bytes answers[] = {BYTES("other.example"), bytes_of(answer)};

	event_begin(b.event, EVENT_DNS, 0);
	event_set_name(b.event, FIELD_DNS_QUESTION_NAME, name);
	event_set_name(b.event, FIELD_DNS_QUESTION_TYPE, type);
	event_set_name(b.event, FIELD_DNS_RESPONSE_CODE, code);
	event_set_texts(b.event, FIELD_DNS_ANSWERS_DATA, answers, *answer ? 2 : 0);
	b.hits = 0;
	bench_send(&b);
	return b.hits > 0;
}

static void names_and_texts_of_dns(void **state)
{
	(void)state;
	open_foreign("title: text\nname: text\nlogsource: {category: dns}\ndetection:\n"
	             "    beacon: {query|startswith: ['aaa.stage.', 'post.1']}\n"
	             "    script:\n        record_type: TXT\n"
	             "        answer|contains: [IEX, Invoke-Expression]\n"
	             "    condition: beacon or script\n");
	assert_true(asks("aaa.stage.4711.example", "TXT", "NOERROR", "x"));
	assert_true(asks("a.example", "TXT", "NOERROR", "powershell iex(1)"));
	assert_false(asks("a.example", "CNAME", "NOERROR", "iex.example"));
	assert_false(asks("a.example", "TXT", "NOERROR", ""));
}

static void lookups_in_the_log_of_zeek(void **state)
{
	(void)state;
	open_foreign("title: pool\nname: pool\nlogsource: {product: zeek, service: dns}\n"
	             "detection:\n    s: {query|endswith: ['.pool.example', '.mine.example']}\n"
	             "    t: {qtype_name: [A, AAAA], rcode_name: NOERROR}\n"
	             "    sink: {answers: ['127.0.0.1', '0.0.0.0']}\n"
	             "    condition: s and t and not sink\n");
	assert_true(asks("eu.pool.example", "A", "NOERROR", "192.0.2.1"));
	assert_false(asks("eu.pool.example", "A", "NOERROR", "127.0.0.1"));
	assert_false(asks("eu.pool.example", "A", "NXDOMAIN", ""));
	assert_false(asks("eu.pool.example", "MX", "NOERROR", "10 x"));
}

static void lookups_in_the_log_of_windows(void **state)
{
	(void)state;
	open_foreign("title: tunnel\nname: tunnel\n"
	             "logsource: {product: windows, category: dns_query}\n"
	             "detection: {s: {QueryName|contains: '.tunnels.'}, condition: s}\n");
	assert_true(asks("x.tunnels.example", "A", "NOERROR", "192.0.2.1"));
	assert_false(asks("tunnels.example", "A", "NOERROR", "192.0.2.1"));
}

static void lists_of_types_and_two_alternatives(void **state)
{
	(void)state;
	static const struct bytes types[] = {{(const uint8_t *)"text/html", 9},
	                                     {(const uint8_t *)"application/x-dosexec", 21}};

	open_foreign("title: download\nname: download\nlogsource: {product: zeek, service: http}\n"
	             "detection:\n"
	             "    agent:\n        - user_agent|contains: WebDAV\n        - uri|contains: "
	             "webdav\n"
	             "    program:\n        - resp_mime_types|contains: dosexec\n"
	             "        - uri|endswith: .exe\n"
	             "    condition: agent and program\n");
	assert_true(hits("GET", "/webdav/a.exe", "x", NULL));
	assert_false(hits("GET", "/webdav/a.txt", "x", NULL));
	if (field_info[FIELD_HTTP_RESPONSE_MIME_TYPE].type == TYPE_TEXTS)
		event_set_texts(b.event, FIELD_HTTP_RESPONSE_MIME_TYPE, types, 2);
	else
		event_set_text(b.event, FIELD_HTTP_RESPONSE_MIME_TYPE, types[1]);
	bench_send(&b);
	assert_int_equal(b.hits, 1);
}

static void numbers_and_texts_mixed_in_one_list(void **state)
{
	(void)state;
	open_foreign("title: ports\nname: ports\nlogsource: {category: firewall}\ndetection:\n"
	             "    s: {dst_port: [21, 80, '110', 143, '0445'], proto: tcp}\n"
	             "    condition: s\n");
	static const struct {
		int port;
		unsigned hits;
	} cases[] = {{80, 1}, {110, 1}, {445, 0}, {8080, 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		event_begin(b.event, EVENT_CONNECTION, 0);
		event_set_name(b.event, FIELD_NETWORK_TRANSPORT, "tcp");
		event_set_integer(b.event, FIELD_DESTINATION_PORT, cases[i].port);
		b.hits = 0;
		bench_send(&b);
		assert_int_equal(b.hits, cases[i].hits);
	}
}

static void mistakes_in_a_mapping_are_told(void **state)
{
	(void)state;
	static const char *const expected[] = {
	        "1:13: there is no field 'url.pth' (did you mean 'url.path'?)",
	        "1:25: expected the name of a field, not a list",
	        ("2:14: expected a mapping of product, category, service (one of them at least) "
	         "and kind"),
	        "2:48: there is no kind of event 'htp' (did you mean 'http'?)",
	        "3:19: expected a list of texts, not text",
	        "4:1: there is no key 'felds' here (did you mean 'fields'?)",
	};
	char file[] = "/tmp/test_mapping.XXXXXX";
	int fd = mkstemp(file);
	FILE *f = fdopen(fd, "w");
	const struct complaint *c;

	assert_non_null(f);
	fputs("fields: {a: url.pth, b: [x]}\nlogsources: [{kind: http}, {category: c, kind: "
	      "htp}]\nplaceholders: {p: x}\nfelds: {}\n",
	      f);
	fclose(f);
	mapping = sigma_mapping_read(file, &b.complaints);
	assert_non_null(mapping);
	c = b.complaints.first;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++, c = c->next) {
		assert_non_null(c);
		assert_string_equal(c->text + strlen(file) + 1, expected[i]);
	}
	assert_null(c);
	unlink(file);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_bench)
	const struct CMUnitTest tests[] = {
	        TEST(uploads_to_servers_outside),
	        TEST(odd_user_agents_but_for_known_ones),
	        TEST(an_empty_agent_is_not_an_absent_one),
	        TEST(escaped_question_marks_and_unquoted_paths),
	        TEST(a_rule_of_negations_alone_works),
	        TEST(calls_that_make_a_server_log_on_elsewhere),
	        TEST(one_of_several_pairs_of_interface_and_operation),
	        TEST(connections_by_what_their_tls_shows),
	        TEST(files_on_administrative_shares),
	        TEST(pipes_but_for_known_ones),
	        TEST(an_escaped_star_is_no_wildcard),
	        TEST(names_and_texts_of_dns),
	        TEST(lookups_in_the_log_of_zeek),
	        TEST(lookups_in_the_log_of_windows),
	        TEST(lists_of_types_and_two_alternatives),
	        TEST(numbers_and_texts_mixed_in_one_list),
	        TEST(mistakes_in_a_mapping_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

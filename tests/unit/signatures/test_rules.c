/* Loading rules: what is right loads in spite of what is not, from texts, files and folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "signatures/sigma/sigma.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "title: T\nname: t\nlogsource: {service: http}\n"
#define BASE                                                                                       \
	"title: b\nname: b\nlogsource: {service: http}\ndetection:\n    s: {url.path: x}\n"        \
	"    condition: s\n---\n"

static void a_bad_rule_leaves_the_others(void **state)
{
	(void)state;
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load_text(
	        "t.yml",
	        BYTES(BASE "title: bad\nname: bad\nlogsource: {service: nothing}\n---\n"
	                   "title: d\nname: d\nlogsource: {service: http}\n"
	                   "detection: {s: {url.path: y}, condition: s}\n"),
	        &complaints);

	assert_int_equal(sigma_rule_count(set), 2);
	assert_string_equal(sigma_rule_at(set, 1)->name, "d");
	assert_null(sigma_rule_by_name(set, "bad"));
	assert_int_equal(complaints.errors, 2);
	sigma_free(set);
	complaints_free(&complaints);
}

static void a_rule_keeps_what_its_author_wrote(void **state)
{
	(void)state;
	static const char text[] =
	        "title: Title\nid: 0d7f1f0e-5d0c-4a52-9d0a-3a3c8f0b6a51\nname: a-name\n"
	        "status: Stable\nlevel: HIGH\ndescription: What.\nauthor: me\nlicense: Apache-2.0\n"
	        "date: 2026-01-02\nmodified: 2026-02-03\nreferences: [one, two]\n"
	        "tags: [attack.t1557.001, configmgr.cred-1]\nfalsepositives: none known\n"
	        "related: [{id: 0d7f1f0e-5d0c-4a52-9d0a-3a3c8f0b6a52, type: derived}]\n"
	        "logsource: {product: configmgr, category: network, service: http}\n"
	        "detection: {s: {url.path: x}, condition: s}\n"
	        "custom:\n    control: protect\n    remedy: Do.\n"
	        "    evidence: [url.path, client.ip]\nown-key: is kept out\n";
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load_text("t.yml", BYTES(text), &complaints);
	const struct sigma_rule *rule = sigma_rule_by_name(set, "a-name");

	complaints_print(&complaints, stderr);
	assert_null(complaints.first);
	assert_string_equal(rule->title, "Title");
	assert_string_equal(rule->id, "0d7f1f0e-5d0c-4a52-9d0a-3a3c8f0b6a51");
	assert_string_equal(rule->status, "stable");
	assert_int_equal(rule->level, SIGMA_HIGH);
	assert_string_equal(sigma_level_name(rule->level), "high");
	assert_string_equal(rule->date, "2026-01-02");
	assert_int_equal(rule->references.count, 2);
	assert_string_equal(rule->references.at[1], "two");
	assert_string_equal(rule->tags.at[0], "attack.t1557.001");
	assert_string_equal(rule->falsepositives.at[0], "none known");
	assert_string_equal(rule->control, "protect");
	assert_string_equal(rule->remedy, "Do.");
	assert_int_equal(rule->evidence_count, 2);
	assert_int_equal(rule->evidence[1], FIELD_CLIENT_IP);
	assert_false(rule->is_correlation || rule->silent || rule->disabled);
	assert_int_equal(rule->line, 1);
	sigma_free(set);
}

static void status_decides_whether_a_rule_runs(void **state)
{
	(void)state;
#define WITH_STATUS(status) HEAD "status: " status "\ndetection: {s: {url.path: x}, condition: s}\n"
	static const struct {
		const char *text;
		bool disabled, disabled_with_experimental;
	} rules[] = {
	        {WITH_STATUS("stable"), false, false},
	        {WITH_STATUS("deprecated"), false, false},
	        {WITH_STATUS("unsupported"), true, true},
	        {WITH_STATUS("experimental"), true, false},
	};
	const struct sigma_options experimental = {.experimental = true};

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		for (int with = 0; with < 2; with++) {
			struct complaints complaints = {0};
			struct sigma_set *set =
			        sigma_load_text_with(with ? &experimental : NULL, "t.yml",
			                             bytes_of(rules[i].text), &complaints);

			assert_int_equal(sigma_rule_at(set, 0)->disabled,
			                 with ? rules[i].disabled_with_experimental
			                      : rules[i].disabled);
			sigma_free(set);
			complaints_free(&complaints);
		}
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void folders_are_read_in_the_order_of_names(void **state)
{
	(void)state;
	char folder[] = "/tmp/test_rules.XXXXXX", path[128];
	const char *const paths[] = {folder};
	struct complaints complaints = {0};
	struct sigma_set *set;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sub", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/b.yml", folder);
	write_file(path, "title: b\nname: b\nlogsource: {service: http}\n"
	                 "detection: {s: {url.path: x}, condition: s}\n");
	snprintf(path, sizeof(path), "%s/sub/a.yml", folder);
	write_file(path, "title: a\nname: a\nlogsource: {service: http}\n"
	                 "detection: {s: {url.path: x}, condition: s}\n");
	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	write_file(path, "x");
	snprintf(path, sizeof(path), "%s/notes.txt", folder);
	write_file(path, "x");
	set = sigma_load(paths, 1, &complaints);
	assert_int_equal(sigma_rule_count(set), 2);
	assert_string_equal(sigma_rule_at(set, 0)->name, "b");
	assert_string_equal(sigma_rule_at(set, 1)->name, "a");
	assert_int_equal(complaints.errors, 0);
	assert_int_equal(complaints.warnings, 1);
	assert_non_null(
	        strstr(complaints.first->text, "a.yaml: warning: not read: rule files end in"));
	sigma_free(set);
	complaints_free(&complaints);
	snprintf(path, sizeof(path), "rm -r %s", folder);
	assert_int_equal(system(path), 0);
}

static void a_missing_folder_is_told(void **state)
{
	(void)state;
	const char *const paths[] = {"/nowhere/at/all"};
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load(paths, 1, &complaints);

	assert_int_equal(sigma_rule_count(set), 0);
	assert_string_equal(complaints.first->text,
	                    "/nowhere/at/all: cannot be read: No such file or directory");
	sigma_free(set);
	complaints_free(&complaints);
}

static void foreign_rules_load_through_a_mapping(void **state)
{
	(void)state;
	static const struct sigma_name names[] = {{"c-uri", FIELD_URL_ORIGINAL},
	                                          {"cs-method", FIELD_HTTP_REQUEST_METHOD}};
	static const struct sigma_source sources[] = {{NULL, "proxy", NULL, EVENT_HTTP},
	                                              {"zeek", NULL, "http", EVENT_HTTP}};
	const char *const users[] = {"adm*", "root"};
	const struct sigma_placeholder lists[] = {{"admins", {users, 2}}};
	const struct sigma_options options = {.names = names,
	                                      .name_count = 2,
	                                      .sources = sources,
	                                      .source_count = 2,
	                                      .placeholders = lists,
	                                      .placeholder_count = 1,
	                                      .compatible = true};
	static const char text[] =
	        "title: x\nname: x\nlogsource: {category: proxy}\ndetection:\n"
	        "    s:\n        c-uri|contains: [a, b]\n        cs-method: [GET, null]\n"
	        "        user.name|contains|expand: '%admins%'\n    condition: s\n---\n"
	        "title: y\nname: y\nlogsource: {product: zeek, service: http}\n"
	        "detection: {s: {c-uri: x}, condition: s}\n---\n"
	        "title: z\nname: z\nlogsource: {product: zeek, service: dns}\n"
	        "detection: {s: {c-uri: x}, condition: s}\n";
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load_text_with(&options, "t.yml", BYTES(text), &complaints);

	assert_int_equal(sigma_rule_count(set), 2);
	assert_int_equal(complaints.errors, 1);
	sigma_free(set);
	complaints_free(&complaints);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_bad_rule_leaves_the_others),
	        cmocka_unit_test(a_rule_keeps_what_its_author_wrote),
	        cmocka_unit_test(status_decides_whether_a_rule_runs),
	        cmocka_unit_test(folders_are_read_in_the_order_of_names),
	        cmocka_unit_test(a_missing_folder_is_told),
	        cmocka_unit_test(foreign_rules_load_through_a_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

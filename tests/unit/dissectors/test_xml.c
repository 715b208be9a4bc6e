/* XML from the wire: encodings, caps, what is refused, and documents cut anywhere. */
#include "dissectors/xml.h"
#include "tests/support/guard.h"
#include "tests/support/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define DEPTH    8
#define ELEMENTS 1000

static struct xml_parser *parser;

/* What a document said, in a line: `name@depth(Name=value)` at the start, `/name=text` at the end.
 */
static char said[8192];
static size_t starts, ends, longest;

static int open_it(void **state)
{
	(void)state;
	parser = xml_open(DEPTH, ELEMENTS);
	return !parser;
}

static int close_it(void **state)
{
	(void)state;
	xml_close(parser);
	return 0;
}

static void say(const char *text, size_t len)
{
	size_t n = strlen(said);

	snprintf(said + n, sizeof(said) - n, "%.*s", (int)len, text);
}

static void on_start(void *context, const char *element, const char *const *attributes,
                     unsigned depth)
{
	char text[512];
	struct bytes name = xml_attribute(attributes, "Name");

	*(unsigned *)context += depth;
	snprintf(text, sizeof(text), "%s@%u(%.*s)", element, depth, (int)name.len,
	         (const char *)name.at);
	say(text, strlen(text));
	starts++;
}

static void on_end(void *context, const char *element, struct bytes text, unsigned depth)
{
	(void)context;
	(void)depth;
	say("/", 1);
	say(element, strlen(element));
	say("=", 1);
	say((const char *)text.at, text.len);
	say(";", 1);
	ends++;
	longest = text.len > longest ? text.len : longest;
}

static const struct xml_handler handler = {on_start, on_end};

static enum xml_result read_bytes(struct bytes document)
{
	unsigned sum = 0;

	said[0] = 0;
	starts = ends = longest = 0;
	return xml_read(parser, document, &handler, &sum);
}

static enum xml_result read_text(const char *document)
{
	return read_bytes(bytes_of(document));
}

#define LIST      "<List><MP Name=\"mp\xc3\xa4\">\xe2\x82\xac \xf0\x9f\x98\x80</MP></List>"
#define LIST_SAID "List@0()MP@1(mp\xc3\xa4)/MP=\xe2\x82\xac \xf0\x9f\x98\x80;/List=;"

static void a_document_says_the_same_in_every_encoding(void **state)
{
	struct bytes list = BYTES(LIST);
	struct bytes documents[] = {
	        list,
	        joined(BYTES("\xef\xbb\xbf"), list),
	        utf16le(list),
	        utf16be(list),
	        joined(BYTES("\xff\xfe"), utf16le(list)),
	        joined(BYTES("\xfe\xff"), utf16be(list)),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
		assert_int_equal(read_bytes(guarded(documents[i])), XML_WHOLE);
		assert_string_equal(said, LIST_SAID);
	}
}

/* MSXML writes the declaration of what it had in memory, whatever is sent (reference, section 4:
 * accept both). */
static void a_declaration_that_lies_about_the_encoding_is_not_believed(void **state)
{
	static const char *const declared[] = {"UTF-16", "utf-16", "UTF-8", "utf-16le"};

	(void)state;
	for (size_t i = 0; i < sizeof(declared) / sizeof(*declared); i++) {
		struct bytes text =
		        made("<?xml version=\"1.0\" encoding=\"%s\"?>" LIST, declared[i]);

		assert_int_equal(read_bytes(text), XML_WHOLE);
		assert_string_equal(said, LIST_SAID);
		assert_int_equal(read_bytes(utf16le(text)), XML_WHOLE);
		assert_string_equal(said, LIST_SAID);
		assert_int_equal(read_bytes(joined(BYTES("\xfe\xff"), utf16be(text))), XML_WHOLE);
		assert_string_equal(said, LIST_SAID);
	}
}

static void eight_bit_encodings_of_windows_are_read(void **state)
{
	static const char *const declared[] = {"windows-1252", "ISO-8859-1", "us-ascii",
	                                       "windows-1251"};

	(void)state;
	for (size_t i = 0; i < sizeof(declared) / sizeof(*declared); i++) {
		assert_int_equal(
		        read_bytes(made("<?xml version=\"1.0\" encoding=\"%s\"?><a Name=\"b\"/>",
		                        declared[i])),
		        XML_WHOLE);
		assert_string_equal(said, "a@0(b)/a=;");
	}
	assert_int_equal(read_text("<?xml version=\"1.0\" encoding=\"windows-1252\"?>"
	                           "<a Name=\"b\">\xe4</a>"),
	                 XML_WHOLE);
}

static void a_document_type_is_refused(void **state)
{
	(void)state;
	assert_int_equal(read_text("<!DOCTYPE a><a/>"), XML_BROKEN);
	assert_int_equal(starts, 0);
	assert_int_equal(read_text("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>"
	                           "<a>&b;</a>"),
	                 XML_BROKEN);
	assert_int_equal(read_text("<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;\">"
	                           "<!ENTITY z \"&y;&y;&y;&y;\">]><a>&z;</a>"),
	                 XML_BROKEN);
	assert_int_equal(read_bytes(utf16le(BYTES("<!DOCTYPE a><a/>"))), XML_BROKEN);
	assert_int_equal(starts, 0);
	/* An entity that nobody declared. */
	assert_int_equal(read_text("<a>&b;</a>"), XML_BROKEN);
}

static void the_five_predefined_entities_and_numbers_are_text(void **state)
{
	(void)state;
	assert_int_equal(read_text("<a Name=\"&lt;&#x20AC;\">&amp;&gt;&quot;&apos;&#65;</a>"),
	                 XML_WHOLE);
	assert_string_equal(said, "a@0(<\xe2\x82\xac)/a=&>\"'A;");
}

static void text_comes_in_one_piece(void **state)
{
	(void)state;
	assert_int_equal(read_text("<a>one<!-- no --><![CDATA[<two>]]><?no pi?>&lt;three\r\n</a>"),
	                 XML_WHOLE);
	assert_string_equal(said, "a@0()/a=one<two><three\n;");
}

static void depth_is_capped(void **state)
{
	(void)state;
	assert_int_equal(read_text("<a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a>"),
	                 XML_WHOLE);
	assert_int_equal(starts, DEPTH);
	assert_int_equal(read_text("<a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a>"),
	                 XML_OVER_CAP);
	assert_int_equal(starts, DEPTH);
}

static void elements_are_capped(void **state)
{
	struct bytes many = BYTES("<r>");

	(void)state;
	for (int i = 0; i < ELEMENTS - 1; i++)
		many = joined(many, BYTES("<e/>"));
	assert_int_equal(read_bytes(joined(many, BYTES("</r>"))), XML_WHOLE);
	assert_int_equal(starts, ELEMENTS);
	assert_int_equal(read_bytes(joined(many, BYTES("<e/></r>"))), XML_OVER_CAP);
	assert_int_equal(starts, ELEMENTS);
	/* And the parser is as good as new. */
	assert_int_equal(read_text(LIST), XML_WHOLE);
	assert_string_equal(said, LIST_SAID);
}

static void memory_is_capped(void **state)
{
	struct bytes name = repeated('n', 60 << 20);

	(void)state;
	assert_int_equal(read_bytes(joined(joined(BYTES("<"), name), BYTES("/>"))), XML_OVER_CAP);
	assert_int_equal(starts, 0);
	assert_int_equal(read_text(LIST), XML_WHOLE);
}

static void long_text_is_cut(void **state)
{
	struct bytes text = repeated('t', 6 << 20);

	(void)state;
	assert_int_equal(read_bytes(joined(joined(BYTES("<a>"), text), BYTES("</a>"))), XML_WHOLE);
	assert_int_equal(ends, 1);
	assert_int_equal(longest, 4 << 20);
}

static void prefixes_of_namespaces_are_left_out(void **state)
{
	(void)state;
	assert_int_equal(read_text("<D:multistatus xmlns:D=\"DAV:\" D:Name=\"x\"><D:href>y</D:href>"
	                           "</D:multistatus>"),
	                 XML_WHOLE);
	assert_string_equal(said, "multistatus@0(x)href@1()/href=y;/multistatus=;");
}

static void attributes_are_found_by_name(void **state)
{
	static const char *const attributes[] = {"Id", "1", "x:Name", "two", "Empty", "", NULL};

	(void)state;
	assert_true(bytes_equal(xml_attribute(attributes, "Name"), BYTES("two")));
	assert_int_equal(xml_attribute(attributes, "name").len, 0);
	assert_int_equal(xml_attribute(attributes, "Empty").len, 0);
	assert_true(xml_has_attribute(attributes, "Empty"));
	assert_false(xml_has_attribute(attributes, "id"));
}

static void what_follows_the_root_is_not_looked_at(void **state)
{
	(void)state;
	assert_int_equal(read_bytes(BYTES("<a/>\0\0\r\n")), XML_WHOLE);
	assert_int_equal(read_text("<a/><b/>"), XML_WHOLE);
	assert_string_equal(said, "a@0()/a=;");
	assert_int_equal(read_bytes(joined(utf16le(BYTES("<a/>")), BYTES("\0\0\r\n"))), XML_WHOLE);
	assert_int_equal(read_text("<a/>&&&"), XML_WHOLE);
}

static void what_is_no_xml_is_broken_or_cut(void **state)
{
	static const char *const broken[] = {
	        "<a></b>",     "<a b></a>",   "text", "<a b='1' b='2'/>",
	        "<a>\x01</a>", "<a>\xff</a>", "<1/>", "<a><b></a>"};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		assert_int_equal(read_text(broken[i]), XML_BROKEN);
	assert_int_equal(read_text(""), XML_CUT);
	assert_int_equal(read_text(" \r\n"), XML_CUT);
	assert_int_equal(read_bytes(BYTES("\xff\xfe")), XML_CUT);
	assert_int_equal(read_bytes(BYTES("\xff\xfe<")), XML_CUT);
}

/* A body that a capture or a cap cut short has broken no rule. */
static void a_document_cut_anywhere_is_cut_and_not_broken(void **state)
{
	static const char document[] =
	        "<?xml version=\"1.0\"?><!-- c --><Msg A='1' B=\"&#x20AC;&amp;\"><?p i?><Body "
	        "x:Type=\"ByteRange\"/><T>\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80&lt;</"
	        "T><![CDATA[<a>]]]]>"
	        "<!-- x --></Msg>";
	struct bytes forms[] = {BYTES(document), utf16le(BYTES(document)),
	                        joined(BYTES("\xfe\xff"), utf16be(BYTES(document))),
	                        joined(BYTES("\xef\xbb\xbf"), BYTES(document))};

	(void)state;
	for (size_t form = 0; form < sizeof(forms) / sizeof(*forms); form++) {
		assert_int_equal(read_bytes(forms[form]), XML_WHOLE);
		for (size_t len = 0; len < forms[form].len - (form % 3 ? 2 : 1); len++) {
			enum xml_result result =
			        read_bytes(guarded(bytes_slice(forms[form], 0, len)));

			if (result != XML_CUT)
				fail_msg("form %zu cut at %zu gives %d", form, len, result);
		}
	}
}

static void documents_follow_each_other_without_end(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++)
		assert_int_equal(read_text("<a Name=\"b\"><c>d</c></a>"), XML_WHOLE);
	assert_string_equal(said, "a@0(b)c@1()/c=d;/a=;");
}

static void an_end_may_be_of_no_interest(void **state)
{
	struct xml_handler start_only = {on_start, NULL};
	unsigned sum = 0;

	(void)state;
	said[0] = 0;
	assert_int_equal(xml_read(parser, BYTES("<a>x<b/></a>"), &start_only, &sum), XML_WHOLE);
	assert_string_equal(said, "a@0()b@1()");
	assert_int_equal(sum, 1);
}

/* Has seen enough at the first element `Enough`. */
static void on_start_until(void *context, const char *element, const char *const *attributes,
                           unsigned depth)
{
	on_start(context, element, attributes, depth);
	if (!strcmp(element, "Enough"))
		xml_enough(parser);
}

static const struct xml_handler until = {on_start_until, on_end};

static enum xml_result read_until(struct bytes document)
{
	unsigned sum = 0;

	said[0] = 0;
	starts = ends = 0;
	return xml_read(parser, document, &until, &sum);
}

static void who_has_seen_enough_is_told_nothing_more(void **state)
{
	(void)state;
	assert_int_equal(read_until(BYTES("<R><a/><Enough>x<b/></Enough><c/></R>")), XML_ENOUGH);
	assert_string_equal(said, "R@0()a@1()/a=;Enough@1()");
	/* What is not read is not judged. */
	assert_int_equal(read_until(BYTES("<R><Enough>&&&</x></R>")), XML_ENOUGH);
	assert_int_equal(read_text(LIST), XML_WHOLE);
	assert_string_equal(said, LIST_SAID);
}

static void after_enough_the_end_of_the_document_still_counts(void **state)
{
	static const struct {
		struct bytes document;
		enum xml_result result;
	} cases[] = {
	        {BYTES_INIT("<R><Enough>x</Enough></R>"), XML_ENOUGH},
	        {BYTES_INIT("<R><Enough>x</Enough></R>\0\0\r\n"), XML_ENOUGH},
	        {BYTES_INIT("<R><Enough>x</Enough></R >"), XML_ENOUGH},
	        {BYTES_INIT("<n:R xmlns:n='u'><Enough>x</Enough></n:R>"), XML_ENOUGH},
	        {BYTES_INIT("<R><Enough>x</Enough></R"), XML_CUT},
	        {BYTES_INIT("<R><Enough>x</Enough>"), XML_CUT},
	        {BYTES_INIT("<R><Enough>x</Enough"), XML_CUT},
	        {BYTES_INIT("<R><Enough>"), XML_CUT},
	        {BYTES_INIT("<R><Enough></XR>"), XML_CUT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(read_until(guarded(cases[i].document)), cases[i].result);
		assert_int_equal(read_until(utf16le(cases[i].document)), cases[i].result);
	}
}

static size_t places[3], place_count;

static void on_start_place(void *context, const char *element, const char *const *attributes,
                           unsigned depth)
{
	(void)context;
	(void)element;
	(void)attributes;
	(void)depth;
	places[place_count++ % 3] = xml_position(parser);
}

static void places_are_counted_in_utf8(void **state)
{
	static const struct xml_handler where = {on_start_place, NULL};
	struct bytes document = BYTES("<a>\xe2\x82\xac<b/><c/></a>");

	(void)state;
	for (int i = 0; i < 2; i++) {
		place_count = 0;
		assert_int_equal(xml_read(parser, i ? utf16be(document) : document, &where, NULL),
		                 XML_WHOLE);
		assert_int_equal(places[0], 0);
		assert_int_equal(places[1], 6);
		assert_int_equal(places[2], 10);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_it, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_document_says_the_same_in_every_encoding),
	        TEST(a_declaration_that_lies_about_the_encoding_is_not_believed),
	        TEST(eight_bit_encodings_of_windows_are_read),
	        TEST(a_document_type_is_refused),
	        TEST(the_five_predefined_entities_and_numbers_are_text),
	        TEST(text_comes_in_one_piece),
	        TEST(depth_is_capped),
	        TEST(elements_are_capped),
	        TEST(memory_is_capped),
	        TEST(long_text_is_cut),
	        TEST(prefixes_of_namespaces_are_left_out),
	        TEST(attributes_are_found_by_name),
	        TEST(what_follows_the_root_is_not_looked_at),
	        TEST(what_is_no_xml_is_broken_or_cut),
	        TEST(a_document_cut_anywhere_is_cut_and_not_broken),
	        TEST(documents_follow_each_other_without_end),
	        TEST(who_has_seen_enough_is_told_nothing_more),
	        TEST(after_enough_the_end_of_the_document_still_counts),
	        TEST(places_are_counted_in_utf8),
	        TEST(an_end_may_be_of_no_interest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

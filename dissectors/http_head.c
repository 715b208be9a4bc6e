/* Start lines and header fields (RFC 9112 sections 2 to 6, RFC 9110 section 5).
 *
 *    method SP request-target SP HTTP/1.x CRLF         HTTP/1.x SP status [SP reason] CRLF
 *    *( field-name ":" OWS field-value OWS CRLF )      *( ... )
 *    CRLF                                              CRLF
 *
 * Any method token is taken: ConfigMgr's CCM_POST and BITS_POST are methods like all others. Lines
 * may end in a bare LF, as real servers accept it. */
#include "dissectors/http_head.h"

#include "core/reader.h"
#include "dissectors/dissector.h"

#define METHOD_MAX 32

static const struct bytes header_name[HTTP_HEADER_COUNT] = {
#define HTTP_HEADER_NAME(id, name) [HTTP_##id] = {(const uint8_t *)(name), sizeof(name) - 1},
        HTTP_HEADERS(HTTP_HEADER_NAME)
#undef HTTP_HEADER_NAME
};

size_t http_head_length(struct bytes in, size_t scanned)
{
	/* The empty line may have begun up to two bytes before what is new. */
	size_t from = scanned > 2 ? scanned - 2 : 0;

	for (;;) {
		struct bytes rest = bytes_slice(in, from, in.len);
		const uint8_t *lf = rest.len ? memchr(rest.at, '\n', rest.len) : NULL;

		if (!lf)
			return 0;

		size_t at = (size_t)(lf - in.at);
		struct bytes after = bytes_slice(in, at + 1, 2);

		if (after.len >= 1 && after.at[0] == '\n')
			return at + 2;
		if (after.len == 2 && after.at[0] == '\r' && after.at[1] == '\n')
			return at + 3;
		from = at + 1;
	}
}

/* RFC 9110 section 5.6.2: the characters of a token. */
static const bool token[256] = {
        ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1,  ['7'] = 1,
        ['8'] = 1, ['9'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1,  ['F'] = 1,
        ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1,  ['N'] = 1,
        ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1,  ['V'] = 1,
        ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1,  ['d'] = 1,
        ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1,  ['l'] = 1,
        ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1,  ['t'] = 1,
        ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1, ['!'] = 1,  ['#'] = 1,
        ['$'] = 1, ['%'] = 1, ['&'] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1, ['\''] = 1, ['.'] = 1,
        ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1,
};

static bool is_token_text(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (!token[b.at[i]])
			return false;
	return b.len > 0;
}

static struct bytes next_line(struct reader *r)
{
	struct bytes line = reader_until(r, '\n');

	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* The names by their length. Those of the same length differ in their third letter, so that one
 * comparison finds out whether a header is of interest. */
static const struct {
	uint8_t count;
	uint8_t which[3]; /* enum http_header */
} headers_of_length[] = {
        [4] = {1, {HTTP_HOST}},
        [6] = {1, {HTTP_SERVER}},
        [10] = {2, {HTTP_USER_AGENT, HTTP_SOAP_ACTION}},
        [11] = {2, {HTTP_CCM_CLIENT_ID, HTTP_CLIENT_TOKEN}},
        [12] = {1, {HTTP_CONTENT_TYPE}},
        [13] = {2, {HTTP_CONTENT_RANGE, HTTP_AUTHORIZATION}},
        [14] = {1, {HTTP_CONTENT_LENGTH}},
        [15] = {1, {HTTP_BITS_SESSION_ID}},
        [16] = {3, {HTTP_CONTENT_ENCODING, HTTP_WWW_AUTHENTICATE, HTTP_BITS_PACKET_TYPE}},
        [17] = {1, {HTTP_TRANSFER_ENCODING}},
        [20] = {2, {HTTP_CCM_CLIENT_ID_SIGNATURE, HTTP_CLIENT_TOKEN_SIGNATURE}},
};

/* The header of that name, or HTTP_HEADER_COUNT when nobody looks at it. */
static enum http_header header_by_name(struct bytes name)
{
	size_t lengths = sizeof(headers_of_length) / sizeof(*headers_of_length);
	unsigned n = name.len < lengths ? headers_of_length[name.len].count : 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned which = headers_of_length[name.len].which[i];

		if (ascii_lower(name.at[2]) == header_name[which].at[2])
			return bytes_equal_fold(header_name[which], name) ? which
			                                                  : HTTP_HEADER_COUNT;
	}
	return HTTP_HEADER_COUNT;
}

/* Of repeated headers the first counts. */
static void keep_header(struct http_head *head, enum http_header which, struct bytes value)
{
	if (!head->header[which].at)
		head->header[which] = value;
	if (which == HTTP_WWW_AUTHENTICATE && (bytes_starts_with_fold(value, BYTES("NTLM ")) ||
	                                       bytes_starts_with_fold(value, BYTES("Negotiate "))))
		head->challenge = value;
}

static const char *read_headers(struct bytes in, struct reader *r, struct http_head *head)
{
	struct bytes length = {0};

	while (reader_left(r)) {
		struct bytes line = next_line(r);

		if (!line.len) {
			head->bytes = in.len - reader_left(r);
			break;
		}
		if (line.at[0] == ' ' || line.at[0] == '\t')
			continue; /* obsolete folding: the rest of a value nobody here compares */

		struct reader field = reader_over(line);
		struct bytes name = reader_until(&field, ':');
		enum http_header which = header_by_name(name);

		if (!reader_ok(&field) || (which == HTTP_HEADER_COUNT && !is_token_text(name)))
			return "header line without a field name";
		if (which == HTTP_HEADER_COUNT)
			continue;

		struct bytes value = bytes_trim(reader_rest(&field));

		keep_header(head, which, value);
		if (which != HTTP_CONTENT_LENGTH)
			continue;
		if (length.at && !bytes_equal(length, value))
			return "two different Content-Length headers";
		length = value;
	}
	return reader_ok(r) ? NULL : "head is cut short";
}

/* RFC 9112 section 6.3, but for what depends on method and status. */
static const char *find_body(struct http_head *head, enum http_body otherwise)
{
	struct bytes encoding = head->header[HTTP_TRANSFER_ENCODING];

	if (encoding.at && bytes_ends_with_fold(encoding, BYTES("chunked"))) {
		head->body = BODY_CHUNKED;
		return NULL;
	}
	if (!http_head_has(head, HTTP_CONTENT_LENGTH)) {
		head->body = otherwise;
		return NULL;
	}
	if (!bytes_to_u64(head->header[HTTP_CONTENT_LENGTH], &head->length))
		return "Content-Length is no number";
	head->body = head->length ? BODY_LENGTH : BODY_NONE;
	return NULL;
}

static bool is_version(struct bytes b)
{
	return b.len == 8 && !memcmp(b.at, "HTTP/1.", 7) && b.at[7] >= '0' && b.at[7] <= '9';
}

const char *http_request_head(struct bytes in, struct http_head *head)
{
	struct reader r = reader_over(in);
	struct reader line = reader_over(next_line(&r));

	*head = (struct http_head){0};
	head->method = reader_until(&line, ' ');
	head->target = reader_until(&line, ' ');

	struct bytes version = reader_rest(&line);

	if (!reader_ok(&line) || !is_token_text(head->method) || head->method.len > METHOD_MAX)
		return "request line without method or target";
	if (!head->target.len)
		return "request line with an empty target";
	if (!is_version(version))
		return "request line without HTTP/1.x at its end";
	head->version = bytes_slice(version, 5, 3);

	const char *wrong = read_headers(in, &r, head);

	return wrong ? wrong : find_body(head, BODY_NONE);
}

const char *http_reply_head(struct bytes in, struct http_head *head)
{
	struct reader r = reader_over(in);
	struct reader line = reader_over(next_line(&r));

	*head = (struct http_head){0};

	struct bytes version = reader_take(&line, 8);
	struct bytes blank = reader_take(&line, 1), status = reader_take(&line, 3);
	uint64_t code;

	if (!reader_ok(&line) || !is_version(version) || blank.at[0] != ' ' ||
	    !bytes_to_u64(status, &code) || code < 100)
		return "status line without HTTP/1.x and a status";
	head->version = bytes_slice(version, 5, 3);
	head->status = (unsigned)code;

	const char *wrong = read_headers(in, &r, head);

	if (!wrong)
		wrong = find_body(head, BODY_UNTIL_CLOSE);
	if (code < 200 || code == 204 || code == 304)
		head->body = BODY_NONE;
	return wrong;
}

int http_request_likeness(struct bytes first)
{
	struct reader r = reader_over(first);
	size_t method = 0;

	while (reader_left(&r) && method <= METHOD_MAX) {
		uint8_t c = reader_u8(&r);

		if (c != ' ' && !token[c])
			return NO;
		if (c != ' ') {
			method++;
			continue;
		}
		if (method < 3)
			return NO;
		if (!reader_left(&r))
			return MAYBE;
		c = reader_u8(&r);
		return c == '/' || c == '*' || c == 'h' || c == 'H' ? YES : NO;
	}
	return method > METHOD_MAX ? NO : MAYBE;
}

int http_reply_likeness(struct bytes first)
{
	struct bytes start = BYTES("HTTP/1.");
	size_t n = first.len < start.len ? first.len : start.len;

	if (memcmp(first.at, start.at, n) != 0)
		return NO;
	return n == start.len ? YES : MAYBE;
}

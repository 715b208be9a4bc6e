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
static bool is_token(uint8_t c)
{
	return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token_text(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (!is_token(b.at[i]))
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

/* The lengths that the names of interest have, a bit each: most headers are told apart by that. */
#define HTTP_HEADER_LENGTH(id, name) | UINT64_C(1) << (sizeof(name) - 1)
static const uint64_t header_lengths = 0 HTTP_HEADERS(HTTP_HEADER_LENGTH);
#undef HTTP_HEADER_LENGTH

static void keep_header(struct http_head *head, struct bytes name, struct bytes value)
{
	if (name.len >= 64 || !(header_lengths >> name.len & 1))
		return;
	for (int i = 0; i < HTTP_HEADER_COUNT; i++) {
		if (header_name[i].len != name.len || !bytes_equal_fold(header_name[i], name))
			continue;
		if (!head->header[i].at)
			head->header[i] = value;
		if (i == HTTP_WWW_AUTHENTICATE &&
		    (bytes_starts_with_fold(value, BYTES("NTLM ")) ||
		     bytes_starts_with_fold(value, BYTES("Negotiate "))))
			head->challenge = value;
		return;
	}
}

static const char *read_headers(struct reader *r, struct http_head *head)
{
	struct bytes length = {0};

	while (reader_left(r)) {
		struct bytes line = next_line(r);

		if (!line.len)
			break;
		if (line.at[0] == ' ' || line.at[0] == '\t')
			continue; /* obsolete folding: the rest of a value nobody here compares */

		struct reader field = reader_over(line);
		struct bytes name = reader_until(&field, ':');

		if (!reader_ok(&field) || !is_token_text(name))
			return "header line without a field name";

		struct bytes value = bytes_trim(reader_rest(&field));

		keep_header(head, name, value);
		if (!bytes_equal_fold(name, header_name[HTTP_CONTENT_LENGTH]))
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

	const char *wrong = read_headers(&r, head);

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

	const char *wrong = read_headers(&r, head);

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

		if (c != ' ' && !is_token(c))
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

/* ClientHello and ServerHello (RFC 8446 section 4.1, RFC 5246 section 7.4.1).
 *
 *    version(2) random(32) session_id<1>  cipher_suites<2> | cipher_suite(2)
 *    compression_methods<1> | compression_method(1)  [ extensions<2> ]
 *    extension = type(2) data<2>
 *
 * <n> is a length of n bytes and what it counts. The hello of SSL 2.0 (RFC 5246 appendix E.2) holds
 * suites of three bytes:
 *
 *    version(2) length of suites(2), of session id(2), of challenge(2); then these three */
#include "dissectors/tls/hello.h"

static struct bytes vector8(struct reader *r)
{
	return reader_take(r, reader_u8(r));
}

static struct bytes vector16(struct reader *r)
{
	return reader_take(r, reader_u16be(r));
}

bool tls_next_extension(struct reader *r, uint16_t *type, struct bytes *data)
{
	if (!reader_left(r))
		return false;
	*type = reader_u16be(r);
	*data = vector16(r);
	return reader_ok(r);
}

/* ServerNameList: of one name, a host name (RFC 6066 section 3). */
static struct bytes host_name(struct reader *r)
{
	struct reader list = reader_over(vector16(r));

	while (reader_left(&list)) {
		uint8_t type = reader_u8(&list);
		struct bytes name = vector16(&list);

		if (reader_ok(&list) && type == 0)
			return name;
	}
	return (struct bytes){0};
}

/* What both hellos say in the same words. */
static void common_extension(struct tls_hello *h, uint16_t type, struct reader *r)
{
	switch (type) {
	case EXTENSION_ALPN:
		h->protocols = vector16(r);
		break;
	case EXTENSION_EC_POINT_FORMATS:
		h->point_formats = vector8(r);
		break;
	default:
		break;
	}
}

static void client_extension(struct tls_hello *h, uint16_t type, struct reader *r)
{
	switch (type) {
	case EXTENSION_SERVER_NAME:
		h->has_server_name = true;
		h->server_name = host_name(r);
		break;
	case EXTENSION_SUPPORTED_GROUPS:
		h->groups = vector16(r);
		break;
	case EXTENSION_SIGNATURE_ALGORITHMS:
		h->signature_algorithms = vector16(r);
		break;
	case EXTENSION_SESSION_TICKET:
		h->has_ticket = reader_left(r);
		break;
	case EXTENSION_PRE_SHARED_KEY:
		h->has_key = true;
		break;
	case EXTENSION_SUPPORTED_VERSIONS:
		h->versions = vector8(r);
		break;
	default:
		common_extension(h, type, r);
	}
}

static void server_extension(struct tls_hello *h, uint16_t type, struct reader *r)
{
	switch (type) {
	case EXTENSION_PRE_SHARED_KEY:
		h->has_key = true;
		break;
	case EXTENSION_SUPPORTED_VERSIONS:
		h->versions = reader_take(r, 2);
		break;
	case EXTENSION_ENCRYPT_THEN_MAC:
		h->separate_mac = true;
		break;
	case EXTENSION_KEY_SHARE:
		h->group = reader_u16be(r);
		h->has_share = true;
		break;
	default:
		common_extension(h, type, r);
	}
}

static const char *read_extensions(struct reader *r, struct tls_hello *h,
                                   void (*take)(struct tls_hello *h, uint16_t type,
                                                struct reader *r))
{
	uint16_t type;
	struct bytes data;

	if (!reader_left(r))
		return NULL;
	h->has_extensions = true;
	h->extensions = vector16(r);

	struct reader all = reader_over(h->extensions);

	while (tls_next_extension(&all, &type, &data)) {
		struct reader inside = reader_over(data);

		take(h, type, &inside);
		if (!reader_ok(&inside))
			return "extension of a hello ends before its time";
	}
	return reader_ok(r) && reader_ok(&all) ? NULL
	                                       : "extensions of a hello end before their time";
}

const char *tls_client_hello(struct bytes body, struct tls_hello *h)
{
	struct reader r = reader_over(body);

	*h = (struct tls_hello){0};
	h->version = reader_u16be(&r);
	h->random = reader_take(&r, 32);
	h->session_id = vector8(&r);
	h->suites = vector16(&r);
	vector8(&r); /* compression methods */
	if (!reader_ok(&r) || h->suites.len % 2)
		return "ClientHello ends before its time";
	return read_extensions(&r, h, client_extension);
}

const char *tls_server_hello(struct bytes body, struct tls_hello *h)
{
	struct reader r = reader_over(body);

	*h = (struct tls_hello){0};
	h->version = reader_u16be(&r);
	h->random = reader_take(&r, 32);
	h->session_id = vector8(&r);
	h->suites = reader_take(&r, 2);
	reader_skip(&r, 1); /* compression method */
	if (!reader_ok(&r))
		return "ServerHello ends before its time";
	return read_extensions(&r, h, server_extension);
}

const char *tls_sslv2_hello(struct bytes body, struct tls_hello *h)
{
	struct reader r = reader_over(body);

	*h = (struct tls_hello){.of_sslv2 = true};
	h->version = reader_u16be(&r);

	uint16_t suites = reader_u16be(&r), id = reader_u16be(&r), challenge = reader_u16be(&r);

	h->suites = reader_take(&r, suites);
	h->session_id = reader_take(&r, id);
	h->random = reader_take(&r, challenge);
	return reader_ok(&r) && suites % 3 == 0 ? NULL : "hello of SSL 2.0 with impossible lengths";
}

bool tls_hello_is_retry(const struct tls_hello *hello)
{
	/* SHA-256 of "HelloRetryRequest" */
	static const uint8_t retry[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
	                                  0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	                                  0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	                                  0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

	return bytes_equal(hello->random, (struct bytes){retry, sizeof(retry)});
}

uint16_t tls_chosen_version(const struct tls_hello *hello)
{
	struct reader r = reader_over(hello->versions);

	return hello->versions.len == 2 ? reader_u16be(&r) : hello->version;
}

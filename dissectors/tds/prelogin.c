/* PRELOGIN: what each side can do, and what both come to (MS-TDS 2.2.6.5).
 *
 *     0       1            3            5
 *    +-------+------------+------------+ ... +------+--------------------+
 *    | token | offset BE  | length BE  | ... | FF   | the options' data  |
 *    +-------+------------+------------+ ... +------+--------------------+
 *
 * Offsets count from the first token. The server's answer has the same form. */
#include "dissectors/tds/tds.h"

#define OPTIONS_MOST 32

enum option {
	OPTION_VERSION = 0,
	OPTION_ENCRYPTION = 1,
	OPTION_INSTANCE = 2,
	OPTION_MARS = 4,
	OPTION_FEDERATED = 6,
	OPTIONS_END = 0xff,
};

#define CLIENT_CERTIFICATE 0x80

static uint8_t encryption_of(uint8_t value)
{
	value &= (uint8_t)~CLIENT_CERTIFICATE;
	return value <= ENCRYPT_REQUIRED ? value : ENCRYPT_UNKNOWN;
}

static void read_version(struct tds_prelogin *p, struct reader *r)
{
	p->major = reader_u8(r);
	p->minor = reader_u8(r);
	p->build = reader_u16be(r);
	p->has_version = reader_ok(r);
}

/* The instance's name is a C string in the machine's code page; only ASCII says the same in all. */
static void read_instance(struct tds_text *to, struct reader *r)
{
	to->len = 0;
	for (uint8_t c = reader_u8(r); reader_ok(r) && c && to->len < sizeof(to->text);
	     c = reader_u8(r)) {
		if (c < 0x20 || c > 0x7e) {
			to->len = 0;
			return;
		}
		to->text[to->len++] = (char)c;
	}
}

static void read_option(struct tds_state *st, enum side from, uint8_t token, struct bytes data)
{
	struct tds_prelogin *p = &st->prelogin[from];
	struct reader r = reader_over(data);

	switch (token) {
	case OPTION_VERSION:
		read_version(p, &r);
		break;
	case OPTION_ENCRYPTION:
		if (data.len)
			p->encryption = encryption_of(reader_u8(&r));
		break;
	case OPTION_INSTANCE:
		/* The server's answer says only whether it is the one. */
		if (from == CLIENT)
			read_instance(&st->instance, &r);
		break;
	case OPTION_MARS:
		p->has_mars = data.len;
		p->mars = reader_u8(&r) == 1;
		break;
	case OPTION_FEDERATED:
		p->federated = reader_u8(&r) == 1;
		break;
	default:
		break;
	}
}

bool tds_prelogin_read(struct tds_state *st, enum side from, struct bytes message)
{
	struct tds_prelogin *p = &st->prelogin[from];
	struct reader r = reader_over(message);

	*p = (struct tds_prelogin){.encryption = ENCRYPT_UNKNOWN};
	for (int i = 0; i < OPTIONS_MOST; i++) {
		uint8_t token = reader_u8(&r);

		if (reader_ok(&r) && token == OPTIONS_END) {
			p->seen = true;
			return true;
		}

		uint16_t offset = reader_u16be(&r), length = reader_u16be(&r);

		if (!reader_ok(&r) || offset > message.len || length > message.len - offset)
			return false;
		read_option(st, from, token, bytes_slice(message, offset, length));
	}
	return false;
}

/* The table of 2.2.6.5, both ways. */
static enum tds_settled agreed(uint8_t client, uint8_t server)
{
	bool client_insists = client == ENCRYPT_ON || client == ENCRYPT_REQUIRED;
	bool server_insists = server == ENCRYPT_ON || server == ENCRYPT_REQUIRED;

	if (client == ENCRYPT_UNKNOWN || server == ENCRYPT_UNKNOWN)
		return SETTLED_UNKNOWN;
	if (client == ENCRYPT_NOT_SUPPORTED)
		return server_insists ? SETTLED_REFUSED : SETTLED_NONE;
	if (server == ENCRYPT_NOT_SUPPORTED)
		return client_insists ? SETTLED_REFUSED : SETTLED_NONE;
	if (server_insists)
		return SETTLED_ALL;
	/* A client that insists goes on in TLS or not at all, whatever it is offered. */
	return client_insists ? SETTLED_ALL : SETTLED_LOGIN_ONLY;
}

enum tds_settled tds_settled(const struct tds_state *st)
{
	const struct tds_prelogin *client = &st->prelogin[CLIENT], *server = &st->prelogin[SERVER];

	/* What is readable decides, whatever was agreed. */
	if (st->login.seen)
		return SETTLED_NONE;
	if (st->clear_answer && st->handshake[SERVER])
		return SETTLED_LOGIN_ONLY;
	if (client->seen && server->seen)
		return agreed(client->encryption, server->encryption);
	return SETTLED_UNKNOWN;
}

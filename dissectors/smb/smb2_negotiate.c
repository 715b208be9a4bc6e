/* NEGOTIATE of SMB 2 and 3 (MS-SMB2 sections 2.2.3 and 2.2.4): dialects, signing, and the contexts
 * of 3.1.1: encryption, signing, the name that the client uses.
 *
 *    request: size (36), DialectCount, SecurityMode, ..., ContextOffset (28), ContextCount (32),
 *             dialects (36)
 *    reply:   size (65), SecurityMode, DialectRevision, ContextCount (6), ..., ContextOffset (60)
 *    context: type, length, reserved(4), data; each begins at a multiple of eight */
#include "dissectors/smb/smb2.h"

#define CONTEXT_ENCRYPTION 2
#define CONTEXT_NETNAME    5
#define CONTEXT_SIGNING    8

/* What is chosen, by the number on the wire. */
static const char *const ciphers[] = {"none", "AES-128-CCM", "AES-128-GCM", "AES-256-CCM",
                                      "AES-256-GCM"};
static const char *const algorithms[] = {"HMAC-SHA256", "AES-CMAC", "AES-GMAC"};

/* Count and first item of a list of 16-bit numbers; a server's list has one. */
static const char *chosen(struct bytes data, const char *const *names, size_t count)
{
	struct reader r = reader_over(data);

	reader_skip(&r, 2);

	uint16_t first = reader_u16le(&r);

	return reader_ok(&r) && first < count ? names[first] : NULL;
}

static void read_context(struct dissection *d, enum side from, unsigned type, struct bytes data)
{
	struct smb_state *st = d->state;

	if (from == CLIENT && type == CONTEXT_NETNAME)
		smb_text_set(&st->netname, smb_utf16(d, data));
	if (from == SERVER && type == CONTEXT_ENCRYPTION)
		st->cipher = chosen(data, ciphers, sizeof(ciphers) / sizeof(*ciphers));
	if (from == SERVER && type == CONTEXT_SIGNING)
		st->signing = chosen(data, algorithms, sizeof(algorithms) / sizeof(*algorithms));
}

static void read_contexts(struct dissection *d, enum side from, struct smb_message *m, uint32_t at,
                          uint16_t contexts)
{
	for (; contexts && !m->wrong; contexts--) {
		struct bytes head = smb_part(d, m, at, 8);
		struct reader r = reader_over(head);
		uint16_t type = reader_u16le(&r), length = reader_u16le(&r);

		if (!reader_ok(&r))
			return;
		read_context(d, from, type, smb_part(d, m, (uint64_t)at + 8, length));
		at += 8 + ((length + 7u) & ~7u);
	}
}

void smb2_negotiate_request(struct dissection *d, struct smb_message *m)
{
	struct smb_state *st = d->state;
	struct reader r = smb2_body(m);
	bool has_contexts = false;

	reader_skip(&r, 2);

	uint16_t dialects = reader_u16le(&r), mode = reader_u16le(&r);

	reader_skip(&r, 22);

	uint32_t at = reader_u32le(&r);
	uint16_t contexts = reader_u16le(&r);

	reader_skip(&r, 2);
	for (; dialects && reader_ok(&r); dialects--) {
		uint16_t dialect = reader_u16le(&r);

		if (!reader_ok(&r))
			break;
		smb_offered(st, dialect);
		has_contexts |= dialect == DIALECT_3_1_1;
	}
	if (!reader_ok(&r)) {
		m->wrong = "negotiate request cut short";
		return;
	}
	st->mode[CLIENT] = (uint8_t)mode;
	st->mode_seen[CLIENT] = true;
	if (has_contexts)
		read_contexts(d, CLIENT, m, at, contexts);
}

void smb2_negotiate_reply(struct dissection *d, struct smb_message *m)
{
	struct smb_state *st = d->state;
	struct reader r = smb2_body(m);

	reader_skip(&r, 2);

	uint16_t mode = reader_u16le(&r), dialect = reader_u16le(&r), contexts = reader_u16le(&r);

	reader_skip(&r, 52);

	uint32_t at = reader_u32le(&r);

	if (!reader_ok(&r)) {
		m->wrong = "negotiate reply cut short";
		return;
	}
	st->dialect = dialect;
	st->mode[SERVER] = (uint8_t)mode;
	st->mode_seen[SERVER] = true;
	if (dialect == DIALECT_3_1_1)
		read_contexts(d, SERVER, m, at, contexts);
}

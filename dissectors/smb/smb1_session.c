/* Version 1: NEGOTIATE and SESSION_SETUP_ANDX (MS-CIFS sections 2.2.4.52 and 2.2.4.53, MS-SMB
 * section 2.2.4).
 *
 *    negotiate request   bytes: *( 02 dialect NUL )
 *    negotiate reply     words: index(2) SecurityMode(1) ...
 *    session setup       12 words: ... length of the token (14); bytes: token, texts
 *                        13 words: ... lengths of both responses (14, 16); bytes: responses,
 *                                  account, domain, texts
 *    its reply           3 or 4 words: AndX(4) Action(2) [length of the token(2)] */
#include "dissectors/smb/smb1.h"

#define NEGOTIATE_SIGNING_ENABLED  0x4
#define NEGOTIATE_SIGNING_REQUIRED 0x8

#define SMB_SETUP_GUEST 0x1

static const struct {
	const char *name;
	uint16_t dialect;
} dialects[] = {
        {"NT LM 0.12", DIALECT_NT_LM_0_12},
        {"NT LANMAN 1.0", DIALECT_NT_LM_0_12},
        {"SMB 2.002", DIALECT_2_0_2},
        {"SMB 2.???", DIALECT_2_WILDCARD},
};

void smb1_negotiate_request(struct dissection *d, const struct smb1_header *h,
                            struct smb_message *m, const struct smb1_block *b)
{
	struct smb_state *st = d->state;
	struct reader r = reader_over(b->bytes);

	st->nt_places = 0;
	for (uint16_t index = 0; reader_left(&r); index++) {
		uint8_t format = reader_u8(&r);
		struct bytes name = reader_until(&r, 0);

		if (!reader_ok(&r) || format != 2) {
			m->wrong = "list of dialects without an end";
			return;
		}
		for (size_t i = 0; i < sizeof(dialects) / sizeof(*dialects); i++) {
			if (!bytes_equal(name, bytes_of(dialects[i].name)))
				continue;
			smb_offered(st, dialects[i].dialect);
			if (dialects[i].dialect == DIALECT_NT_LM_0_12 && index < 16)
				st->nt_places |= (uint16_t)(1u << index);
		}
	}
	st->mode[CLIENT] = SIGNING_ENABLED;
	if (h->flags2 & SMB_FLAGS2_SIGNATURE_REQUIRED)
		st->mode[CLIENT] |= SIGNING_REQUIRED;
	st->mode_seen[CLIENT] = true;
}

void smb1_negotiate_reply(struct dissection *d, struct smb_message *m, const struct smb1_block *b)
{
	struct smb_state *st = d->state;
	struct reader r = smb1_words(b, 0);
	uint16_t index = reader_u16le(&r);
	uint8_t mode = reader_u8(&r);

	(void)m;
	/* No dialect, or one older than NT LM 0.12, whose reply has other words. */
	if (!reader_ok(&r) || index >= 16 || b->words.len != 34)
		return;
	if (st->mode_seen[CLIENT] && !(st->nt_places >> index & 1))
		return;
	st->dialect = DIALECT_NT_LM_0_12;
	st->mode[SERVER] = 0;
	if (mode & NEGOTIATE_SIGNING_ENABLED)
		st->mode[SERVER] |= SIGNING_ENABLED;
	if (mode & NEGOTIATE_SIGNING_REQUIRED)
		st->mode[SERVER] |= SIGNING_REQUIRED;
	st->mode_seen[SERVER] = true;

	struct bytes challenge = bytes_slice(b->bytes, 0, sizeof(st->challenge));

	st->challenged = challenge.len == sizeof(st->challenge);
	if (st->challenged)
		memcpy(st->challenge, challenge.at, challenge.len);
}

/* The responses to the challenge; account and domain as texts behind them. */
static void read_responses(struct dissection *d, const struct smb1_header *h,
                           const struct smb1_block *b, struct smb_session *session)
{
	struct smb_state *st = d->state;
	struct reader words = smb1_words(b, 14), r = reader_over(b->bytes);
	uint16_t lm_length = reader_u16le(&words), nt_length = reader_u16le(&words);
	struct bytes lm = reader_take(&r, lm_length), nt = reader_take(&r, nt_length);
	struct bytes user = smb1_text(d, h, &r, b->bytes_at, b->bytes);
	struct bytes domain = smb1_text(d, h, &r, b->bytes_at, b->bytes);

	if (!reader_ok(&r))
		return;
	logon_responses(d, &session->logon,
	                (struct bytes){st->challenge, st->challenged ? sizeof(st->challenge) : 0},
	                lm, nt, user, domain);
	smb_session_proved(d, session);
}

void smb1_session_request(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                          const struct smb1_block *b)
{
	struct smb_session *session = smb_session_by_id(d, h->uid);
	struct reader r = smb1_words(b, 14);
	struct smb_request *request;

	if (!session)
		session = smb_session_new(d);
	if (!session)
		return;
	if (b->words.len == 24)
		smb_session_token(d, session, CLIENT,
		                  smb_part(d, m, b->bytes_at, reader_u16le(&r)));
	else if (b->words.len == 26)
		read_responses(d, h, b, session);
	request = smb1_keep(d, h, SMB_COM_SESSION_SETUP_ANDX, NULL);
	if (request)
		request->session = record_reference(&session->record);
}

void smb1_session_reply(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                        const struct smb1_block *b, const struct smb_request *request)
{
	struct smb_session *session =
	        request ? smb_session_at(d, request->session) : smb_session_by_id(d, h->uid);
	struct reader r = smb1_words(b, 4);
	uint16_t action = reader_u16le(&r), length = reader_u16le(&r);
	bool more = h->status == STATUS_MORE_PROCESSING_REQUIRED;

	if (!session && !smb_succeeded(h->status) && !more)
		return;
	if (!session && !(session = smb_session_new(d)))
		return;
	session->id = h->uid;
	if (b->words.len == 8)
		smb_session_token(d, session, SERVER, smb_part(d, m, b->bytes_at, length));
	if (more)
		return;
	if (smb_succeeded(h->status))
		session->guest = action & SMB_SETUP_GUEST;
	smb_session_answered(d, session, h->status);
}

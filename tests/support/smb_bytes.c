#include "tests/support/smb_bytes.h"

#define NONE ((struct bytes){0})

struct bytes smb2_said(enum side side, struct smb2 head, struct bytes body)
{
	struct bytes b = joined(BYTES("\xfeSMB\x40\0\x01\0"), le(head.status, 4));

	b = joined(b, joined(le(head.command, 2), le(1, 2)));
	b = joined(b, joined(le(head.flags | (side == SERVER), 4), le(head.next, 4)));
	b = joined(b, joined(le(head.message, 8), le(0xfeff, 4)));
	b = joined(b, joined(le(head.tree, 4), le(head.session, 8)));
	b = joined(b, repeated(head.flags & SIGNED ? 0x5a : 0, 16));
	return joined(b, body);
}

struct bytes smb_frame(struct bytes message)
{
	uint8_t head[] = {0, (uint8_t)(message.len >> 16), (uint8_t)(message.len >> 8),
	                  (uint8_t)message.len};

	return joined((struct bytes){head, sizeof(head)}, message);
}

struct bytes smb2_compound(const struct bytes *messages, size_t count)
{
	size_t len = 0, at = 0;
	uint8_t *all;

	for (size_t i = 0; i < count; i++)
		len += (messages[i].len + 7) & ~(size_t)7;
	all = (uint8_t *)(uintptr_t)repeated(0, len).at;
	for (size_t i = 0; i < count; i++) {
		size_t step = i + 1 < count ? (messages[i].len + 7) & ~(size_t)7 : messages[i].len;

		memcpy(all + at, messages[i].at, messages[i].len);
		for (int byte = 0; byte < 4 && i + 1 < count; byte++)
			all[at + 20 + (size_t)byte] = (uint8_t)(step >> 8 * byte);
		at += step;
	}
	return smb_frame((struct bytes){all, at});
}

/* A part behind the fixed body: its place counts from the header. */
static struct bytes with_part(struct bytes head, struct bytes tail, struct bytes part)
{
	uint64_t at = 64 + head.len + 4 + tail.len;

	return joined(joined(head, joined(le(at, 2), le(part.len, 2))), joined(tail, part));
}

struct bytes smb2_setup(struct bytes token)
{
	return with_part(joined(joined(le(25, 2), le(0x0100, 2)), le(0, 8)), le(0, 8), token);
}

struct bytes smb2_setup_done(uint16_t flags, struct bytes token)
{
	return with_part(joined(le(9, 2), le(flags, 2)), NONE, token);
}

struct bytes smb2_tree(const char *path)
{
	return with_part(joined(le(9, 2), le(0, 2)), NONE, utf16le(bytes_of(path)));
}

struct bytes smb2_tree_done(uint8_t type)
{
	return joined(joined(le(16, 2), le(type, 2)), joined(le(0, 8), le(0x001f01ff, 4)));
}

struct bytes smb2_open(const char *name)
{
	struct bytes head = joined(joined(le(57, 2), le(0, 2)), joined(le(2, 4), le(0, 8)));

	head = joined(joined(head, le(0, 8)), joined(le(0x00120089, 4), le(0, 4)));
	head = joined(joined(head, le(7, 4)), joined(le(1, 4), le(0x40, 4)));
	return with_part(head, le(0, 8), utf16le(bytes_of(name)));
}

static struct bytes file_id(uint64_t file)
{
	return joined(le(file, 8), le(file, 8));
}

struct bytes smb2_opened(uint64_t file, uint64_t size)
{
	struct bytes b = joined(joined(le(89, 2), le(0, 2)), joined(le(1, 4), repeated(0, 32)));

	b = joined(joined(b, le(size, 8)), joined(le(size, 8), le(0x80, 4)));
	return joined(joined(b, le(0, 4)), joined(file_id(file), le(0, 8)));
}

struct bytes smb2_close(uint64_t file)
{
	return joined(joined(le(24, 2), le(0, 2)), joined(le(0, 4), file_id(file)));
}

struct bytes smb2_closed(void)
{
	return joined(le(60, 2), repeated(0, 58));
}

struct bytes smb2_read(uint64_t file, uint32_t length)
{
	struct bytes b = joined(joined(le(49, 2), le(0, 2)), joined(le(length, 4), le(0, 8)));

	return joined(joined(b, file_id(file)), repeated(0, 17));
}

struct bytes smb2_data(struct bytes data)
{
	struct bytes b = joined(joined(le(17, 2), le(80, 2)), le(data.len, 4));

	return joined(joined(b, le(0, 8)), data);
}

struct bytes smb2_write(uint64_t file, struct bytes data)
{
	struct bytes b = joined(joined(le(49, 2), le(112, 2)), joined(le(data.len, 4), le(0, 8)));

	return joined(joined(b, file_id(file)), joined(repeated(0, 16), data));
}

struct bytes smb2_written(uint32_t length)
{
	return joined(joined(le(17, 2), le(0, 2)), joined(le(length, 4), le(0, 8)));
}

struct bytes smb_proof(void)
{
	struct bytes target = av_text(9, "cifs/dp01.corp.example");

	return ntlm_authenticate(
	        (struct ntlm_proof){.domain = "CORP",
	                            .user = "svc_naa",
	                            .workstation = "CLIENT01",
	                            .nt = ntlm_response_2(repeated(5, 16), target)});
}

void smb_connect(struct trial *t)
{
	trial_open(t);
	t->server_port = 445;
	trial_handshake(t);
}

void smb_says(struct trial *t, enum side side, uint16_t command, uint64_t message,
              struct bytes body)
{
	struct smb2 head = {.command = command, .message = message, .session = 1, .tree = 1};

	trial_send(t, side, smb_frame(smb2_said(side, head, body)));
}

void smb_begin(struct trial *t)
{
	struct smb2 setup = {.command = SETUP, .message = 1};

	smb_connect(t);
	trial_send(t, CLIENT, smb_frame(smb2_said(CLIENT, setup, smb2_setup(ntlm_negotiate(1)))));
	setup.status = 0xc0000016;
	setup.session = 1;
	trial_send(t, SERVER,
	           smb_frame(smb2_said(SERVER, setup,
	                               smb2_setup_done(0, ntlm_challenge(1, repeated(7, 8),
	                                                                 av_text(1, "DP01"))))));
	smb_says(t, CLIENT, SETUP, 2, smb2_setup(smb_proof()));
	smb_says(t, SERVER, SETUP, 2, smb2_setup_done(0, NONE));
	smb_says(t, CLIENT, TREE, 3, smb2_tree("\\\\dp01\\SMSPKGD$"));
	smb_says(t, SERVER, TREE, 3, smb2_tree_done(1));
}

const struct event *smb_event(const struct trial *t, enum event_kind kind, size_t index)
{
	for (size_t i = 0; i < t->events; i++)
		if (t->event[i].kind == kind && !index--)
			return &t->event[i];
	return NULL;
}

size_t smb_count(const struct trial *t, enum event_kind kind)
{
	size_t n = 0;

	while (smb_event(t, kind, n))
		n++;
	return n;
}

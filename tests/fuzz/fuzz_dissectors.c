/* Fuzzes any dissector of the registry with a conversation of two sides.
 *
 *    options 1 | (how 1 | length 2 | bytes)*
 *
 * `how` says who speaks and whether bytes are lost or a side closes. The environment says which
 * dissector: CMTAP_DISSECTOR=http-tcp; its layer and usual ports are those of its registration, so
 * a new dissector needs no new target. CMTAP_DISSECTOR=list prints all names, one a line;
 * CMTAP_DISSECTOR=which prints for each file given which dissector takes it for its own.
 * Seeds: seed_dissectors.py makes them from captures. */
#include "tests/fuzz/conversation.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

enum {
	OPTION_MIDSTREAM = 0x01,    /* the opening is not in the capture */
	OPTION_UNACKNOWLEDGED = 02, /* segments acknowledge nothing */
	OPTION_OTHER_PORT = 0x04,   /* the second of the usual ports */
};

enum {
	HOW_SERVER = 0x01,
	HOW_LOST = 0x02, /* the bytes were sent and not captured */
	HOW_FIN = 0x04,  /* and then this side closes */
	HOW_CUT = 0x08,  /* only half of a datagram was captured */
	HOW_PIECES = 0x10,
	HOW_LATE = 0x20, /* a second passes before */
};

static const struct dissector *subject;

/* A protocol may have one dissector over TCP and one over UDP. */
static const char *id_of(const struct dissector *d)
{
	static const char *const layers[] = {
	        [OVER_TCP] = "tcp", [OVER_UDP] = "udp", [OVER_IP] = "ip"};
	static char id[64];

	snprintf(id, sizeof(id), "%s-%s", d->name, layers[d->layer]);
	return id;
}

static struct bytes next_part(struct reader *r, uint8_t *how)
{
	*how = reader_u8(r);

	size_t length = reader_u16be(r);

	return reader_take(r, length < reader_left(r) ? length : reader_left(r));
}

static void say(struct trial *t, uint8_t how, struct bytes bytes)
{
	enum side side = how & HOW_SERVER ? SERVER : CLIENT;

	if (how & HOW_LATE)
		trial_wait(t, INT64_C(1000000000));
	if (subject->layer != OVER_TCP) {
		trial_datagram_cut(t, side, bytes, how & HOW_CUT ? bytes.len / 2 : bytes.len);
		return;
	}
	if (how & HOW_LOST)
		t->sent[side] += (uint32_t)bytes.len;
	else if (how & HOW_PIECES)
		trial_send_in_pieces(t, side, bytes, 1 + bytes.len / 8);
	else
		trial_send(t, side, bytes);
	if (how & HOW_FIN)
		trial_fin(t, side);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trial *t = conversation_begin();
	struct reader r = reader_over((struct bytes){data, size});
	uint8_t options = reader_u8(&r), how;
	const uint16_t *port = subject->ports;

	if (port && port[0] && options & OPTION_OTHER_PORT && port[1])
		port++;
	if (port && port[0] && subject->layer == OVER_IP)
		t->protocol = (uint8_t)port[0];
	else if (port && port[0])
		t->server_port = port[0];
	t->acknowledge = !(options & OPTION_UNACKNOWLEDGED);
	if (subject->layer == OVER_TCP && !(options & OPTION_MIDSTREAM))
		trial_handshake(t);
	while (reader_left(&r) > 3) {
		struct bytes bytes = next_part(&r, &how);

		say(t, how, bytes);
	}
	conversation_end(t);
	return 0;
}

static void print_which(const char *path)
{
	static uint8_t buffer[1 << 16];
	FILE *f = fopen(path, "rb");
	struct reader r = {0};
	uint8_t how = 0;

	if (f)
		r = reader_over((struct bytes){buffer, fread(buffer, 1, sizeof(buffer), f)});
	if (f)
		fclose(f);
	reader_skip(&r, 1);

	struct bytes first = next_part(&r, &how);

	for (const struct dissector *const *d = dissectors; *d; d++)
		if ((*d)->probe(first, how & HOW_SERVER ? SERVER : CLIENT) == YES)
			printf("%s\t%s\n", id_of(*d), path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *wanted = getenv("CMTAP_DISSECTOR");

	if (wanted && !strcmp(wanted, "which")) {
		for (int i = 1; i < *argc; i++)
			print_which((*argv)[i]);
		exit(0);
	}
	for (const struct dissector *const *d = dissectors; *d; d++) {
		if (wanted && !strcmp(wanted, "list"))
			puts(id_of(*d));
		if (!subject && (!wanted || !strcmp(wanted, id_of(*d))))
			subject = *d;
	}
	if (wanted && !strcmp(wanted, "list"))
		exit(0);
	if (subject)
		return 0;
	fprintf(stderr, "no dissector %s\n", wanted);
	exit(2);
}

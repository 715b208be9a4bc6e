/* nDPI, kept on a short leash: a few packets of a few flows, in memory reserved at start.
 *
 * nDPI wants a whole IP packet, so one is written around the bytes: an IPv4 or IPv6 header and a
 * TCP or UDP header with the flow's own addresses and ports. What nDPI allocates while it looks
 * comes from a pool of equal pieces; what it allocates once, for its tables, lies in an arena and
 * is never freed piece by piece. Its allocation hooks have no context, so the identifier at work is
 * the thread's.
 *
 * Making the tables takes some 10 ms of processor time, as much as all the rest of a start. Few
 * captures need them: they are made for the first question, or at once in a thread of its own where
 * packets do not wait. */
#include "sensor/packet/identify.h"

#include "core/arena.h"
#include "core/memory.h"

#include <arpa/inet.h>
#include <ndpi/ndpi_api.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdlib.h>

#define PIECES        4096
#define PIECE_SIZE    1024
/* Of address space; nDPI 4.2 takes a sixth of it for its tables. */
#define TABLES_BYTES  (64u << 20)
#define PROTOCOL_NAME 24
/* More of a packet never changes the answer. */
#define SHOWN_BYTES   1024

struct asked {
	struct ndpi_flow_struct flow;
	uint32_t packets;
	uint32_t next_free; /* + 1 */
};

/* Equal pieces, where nDPI allocates while it looks at packets. */
struct pieces {
	uint8_t *base;
	uint16_t next[PIECES];
	uint16_t fresh, free; /* numbers + 1 */
};

struct identifier {
	struct ndpi_detection_module_struct *module;
	struct asked *at;
	struct pieces pieces;
	struct arena tables;
	pthread_t maker;
	bool making, tried;
	uint32_t count, fresh, free, packets;
	char name[NDPI_MAX_SUPPORTED_PROTOCOLS][PROTOCOL_NAME]; /* in lower case */
};

/* The identifier at work in this thread, and whether it makes its tables; NULL outside. */
static _Thread_local struct identifier *at_work;
static _Thread_local bool makes_tables;

static void *take_piece(struct pieces *p)
{
	uint16_t piece = p->free;

	if (piece)
		p->free = p->next[piece - 1];
	else if (p->fresh < PIECES)
		piece = ++p->fresh;
	return piece ? p->base + (size_t)(piece - 1) * PIECE_SIZE : NULL;
}

static void *take(size_t n)
{
	if (!at_work)
		return malloc(n);
	if (makes_tables)
		return arena_alloc(&at_work->tables, n);
	return n <= PIECE_SIZE ? take_piece(&at_work->pieces) : NULL;
}

static bool lies_in(const void *at, const uint8_t *base, size_t size)
{
	return (uintptr_t)at - (uintptr_t)base < size;
}

static void give(void *at)
{
	struct pieces *p = at_work ? &at_work->pieces : NULL;

	if (!at_work) {
		free(at);
	} else if (lies_in(at, p->base, (size_t)PIECES * PIECE_SIZE)) {
		uint16_t piece = (uint16_t)((size_t)((uint8_t *)at - p->base) / PIECE_SIZE + 1);

		p->next[piece - 1] = p->free;
		p->free = piece;
	}
}

static void learn_names(struct identifier *i)
{
	for (unsigned id = 0; id < NDPI_MAX_SUPPORTED_PROTOCOLS; id++) {
		const char *name = ndpi_get_proto_name(i->module, (uint16_t)id);
		size_t n = 0;

		for (; name && name[n] && n < PROTOCOL_NAME - 1; n++)
			i->name[id][n] = (char)ascii_lower((uint8_t)name[n]);
	}
}

static void make_module(struct identifier *i)
{
	NDPI_PROTOCOL_BITMASK all;

	at_work = i;
	makes_tables = true;
	i->module = ndpi_init_detection_module(ndpi_dont_load_tor_hosts | ndpi_dont_init_libgcrypt);
	if (i->module) {
		NDPI_BITMASK_SET_ALL(all);
		ndpi_set_protocol_detection_bitmask2(i->module, &all);
		ndpi_finalize_initialization(i->module);
		learn_names(i);
	}
	makes_tables = false;
	at_work = NULL;
}

static void *maker_main(void *context)
{
	make_module(context);
	return NULL;
}

/* Whoever has the first question waits for the module. */
static bool is_made(struct identifier *i)
{
	if (i->making)
		pthread_join(i->maker, NULL);
	else if (!i->tried)
		make_module(i);
	i->making = false;
	i->tried = true;
	return i->module;
}

static bool begin_making(struct identifier *i)
{
	i->making = pthread_create(&i->maker, NULL, maker_main, i) == 0;
	i->tried = i->making;
	return i->making;
}

struct identifier *identifier_open(uint32_t flows, uint32_t packets, bool at_once)
{
	struct identifier *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	set_ndpi_malloc(take);
	set_ndpi_free(give);
	set_ndpi_flow_malloc(take);
	set_ndpi_flow_free(give);
	i->count = flows;
	i->packets = packets;
	i->at = memory_reserve(flows * sizeof(*i->at));
	i->pieces.base = memory_reserve((size_t)PIECES * PIECE_SIZE);
	if (arena_open(&i->tables, TABLES_BYTES) && i->at && i->pieces.base &&
	    (!at_once || begin_making(i)))
		return i;
	identifier_close(i);
	return NULL;
}

void identifier_close(struct identifier *i)
{
	if (!i)
		return;
	if (i->making)
		pthread_join(i->maker, NULL);
	/* All that nDPI has lies in the memory released here. */
	arena_close(&i->tables);
	memory_release(i->at, i->count * sizeof(*i->at));
	memory_release(i->pieces.base, (size_t)PIECES * PIECE_SIZE);
	free(i);
}

uint32_t identifier_begin(struct identifier *i)
{
	uint32_t place = i->free;

	if (!is_made(i))
		return IDENTIFY_NONE;

	if (place)
		i->free = i->at[place - 1].next_free;
	else if (i->fresh < i->count)
		place = ++i->fresh;
	if (!place)
		return IDENTIFY_NONE;
	memset(&i->at[place - 1], 0, sizeof(*i->at));
	return place - 1;
}

static void end(struct identifier *i, uint32_t place)
{
	at_work = i;
	ndpi_free_flow_data(&i->at[place].flow);
	at_work = NULL;
	i->at[place].next_free = i->free;
	i->free = place + 1;
}

static size_t write_transport(uint8_t *to, const struct packet *p, size_t data)
{
	if (p->protocol == IP_PROTOCOL_UDP) {
		struct udphdr udp = {
		        .uh_sport = htons(p->source_port),
		        .uh_dport = htons(p->destination_port),
		        .uh_ulen = htons((uint16_t)(sizeof(udp) + data)),
		};

		memcpy(to, &udp, sizeof(udp));
		return sizeof(udp);
	}

	struct tcphdr tcp = {
	        .th_sport = htons(p->source_port),
	        .th_dport = htons(p->destination_port),
	        .th_seq = htonl(p->tcp_sequence),
	        .th_ack = htonl(p->tcp_acknowledgment),
	        .th_off = sizeof(tcp) / 4,
	        .th_flags = p->tcp_flags,
	        .th_win = htons(8192),
	};

	memcpy(to, &tcp, sizeof(tcp));
	return sizeof(tcp);
}

static size_t write_network(uint8_t *to, const struct packet *p, size_t length)
{
	if (!address_is_v4(p->source)) {
		struct ip6_hdr ip6 = {
		        .ip6_flow = htonl(6u << 28),
		        .ip6_plen = htons((uint16_t)length),
		        .ip6_nxt = p->protocol,
		        .ip6_hlim = 64,
		};

		memcpy(&ip6.ip6_src, p->source.at, 16);
		memcpy(&ip6.ip6_dst, p->destination.at, 16);
		memcpy(to, &ip6, sizeof(ip6));
		return sizeof(ip6);
	}

	struct iphdr ip = {
	        .version = 4,
	        .ihl = sizeof(ip) / 4,
	        .tot_len = htons((uint16_t)(sizeof(ip) + length)),
	        .ttl = 64,
	        .protocol = p->protocol,
	};

	memcpy(&ip.saddr, &p->source.at[12], 4);
	memcpy(&ip.daddr, &p->destination.at[12], 4);
	memcpy(to, &ip, sizeof(ip));
	return sizeof(ip);
}

static size_t write_packet(uint8_t *to, const struct packet *p)
{
	uint8_t transport[sizeof(struct tcphdr)];
	struct bytes data = bytes_slice(p->payload, 0, SHOWN_BYTES);
	size_t t = write_transport(transport, p, data.len);
	size_t n = write_network(to, p, t + data.len);

	memcpy(to + n, transport, t);
	memcpy(to + n + t, data.at, data.len);
	return n + t + data.len;
}

static const char *name_of(const struct identifier *i, ndpi_protocol found)
{
	uint16_t id = found.master_protocol ? found.master_protocol : found.app_protocol;

	return id && id < NDPI_MAX_SUPPORTED_PROTOCOLS && i->name[id][0] ? i->name[id] : NULL;
}

bool identifier_ask(struct identifier *i, uint32_t place, const struct packet *packet,
                    const char **name)
{
	uint8_t whole[sizeof(struct ip6_hdr) + sizeof(struct tcphdr) + SHOWN_BYTES];
	struct asked *asked = &i->at[place];
	size_t n = write_packet(whole, packet);

	at_work = i;

	ndpi_protocol found = ndpi_detection_process_packet(
	        i->module, &asked->flow, whole, (uint16_t)n, (uint64_t)(packet->time / 1000000));

	at_work = NULL;
	*name = name_of(i, found);
	if (!*name && ++asked->packets < i->packets)
		return false;
	if (!*name)
		*name = identifier_give_up(i, place);
	else
		end(i, place);
	return true;
}

const char *identifier_give_up(struct identifier *i, uint32_t place)
{
	uint8_t guessed = 0;

	at_work = i;

	ndpi_protocol found = ndpi_detection_giveup(i->module, &i->at[place].flow, 0, &guessed);

	at_work = NULL;
	end(i, place);
	return name_of(i, found);
}

/* The table of associations, and the events that tell of them. */
#include "dissectors/ipsec/association.h"

#include "dissectors/ipsec/direction.h"

/* An association of fewer packets, about which nothing became known, is not worth an event: random
 * SPIs would make one of every packet. */
#define PACKETS_WORTH_TELLING 3

/* So many packets of one direction are enough when none of the other come. */
#define PACKETS_TO_WAIT 4

const char *ip_protocol_name(uint8_t protocol)
{
	static const struct {
		uint8_t protocol;
		const char *name;
	} names[] = {
	        {1, "icmp"},   {4, "ipv4"},   {6, "tcp"},    {17, "udp"},       {41, "ipv6"},
	        {47, "gre"},   {50, "esp"},   {51, "ah"},    {58, "ipv6-icmp"}, {59, "ipv6-nonxt"},
	        {115, "l2tp"}, {132, "sctp"}, {141, "wesp"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].protocol == protocol)
			return names[i].name;
	return NULL;
}

static void tell(struct dissection *d, struct associations *all, struct association *about,
                 const char *state);

static struct association *find(struct associations *all, enum side from, uint32_t spi)
{
	for (size_t i = 0; i < ASSOCIATIONS; i++)
		if (all->at[i].packets && all->at[i].spi == spi && all->at[i].from == from)
			return &all->at[i];
	return NULL;
}

/* A free record, or that of the longest silent. */
static struct association *take(struct dissection *d, struct associations *all)
{
	struct association *oldest = &all->at[0];

	for (size_t i = 0; i < ASSOCIATIONS; i++) {
		if (!all->at[i].packets)
			return &all->at[i];
		if (all->at[i].last < oldest->last)
			oldest = &all->at[i];
	}
	count(d->bench->counters, COUNTER_IPSEC_EVICTED);
	if (oldest->packets >= PACKETS_WORTH_TELLING || oldest->protection != PROTECTION_UNKNOWN)
		tell(d, all, oldest, "ended");
	return oldest;
}

struct association *association_count(struct dissection *d, struct associations *all,
                                      enum side from, uint32_t spi, size_t length)
{
	struct association *a = find(all, from, spi);

	if (!a) {
		a = take(d, all);
		*a = (struct association){
		        .spi = spi, .from = (uint8_t)from, .first = d->bench->now};
	}
	a->packets++;
	a->bytes += length;
	a->last = d->bench->now;
	return a;
}

const struct association *association_of(const struct associations *all, enum side side)
{
	const struct association *latest = NULL;

	for (size_t i = 0; i < ASSOCIATIONS; i++)
		if (all->at[i].packets && all->at[i].from == side &&
		    (!latest || all->at[i].last > latest->last))
			latest = &all->at[i];
	return latest;
}

void association_direct(struct associations *all, uint8_t protocol, struct bytes inside,
                        enum side from)
{
	enum side client;

	if (all->directed || !direction_inside(protocol, inside, from, &client))
		return;
	all->directed = true;
	all->turned = client != CLIENT;
}

/* The worse of two protections: traffic is as readable as its more readable direction. */
static enum protection worse(const struct association *a, const struct association *b)
{
	return (enum protection)(b && b->protection > a->protection ? b->protection
	                                                            : a->protection);
}

static void set_protection(struct event *ev, const struct associations *all,
                           const struct association *about, const struct association *back)
{
	static const char *const names[] = {
	        [PROTECTION_UNKNOWN] = NULL,
	        [PROTECTION_ENCRYPTED] = "encrypted",
	        [PROTECTION_NULL] = "null",
	        [PROTECTION_NONE] = "none",
	};
	enum protection protection = worse(about, back);
	const struct association *known = about->protection == protection ? about : back;

	event_set_name(ev, FIELD_CONFIGMGR_IPSEC_ENCRYPTION, names[protection]);
	if (protection == PROTECTION_UNKNOWN)
		return;
	event_set_name(ev, FIELD_CONFIGMGR_IPSEC_EVIDENCE,
	               all->evidence ? all->evidence : "content");
	event_set_name(ev, FIELD_CONFIGMGR_IPSEC_INSIDE, ip_protocol_name(known->inside));
	if (protection != PROTECTION_ENCRYPTED)
		event_set_integer(ev, FIELD_CONFIGMGR_IPSEC_INTEGRITY_BYTES,
		                  known->evidence.integrity_bytes);
}

/* The facts of a flow as if its other side were the client. */
static struct flow_facts turned_around(const struct flow_facts *flow)
{
	struct flow_facts turned = *flow;

	for (int side = CLIENT; side <= SERVER; side++) {
		turned.address[side] = flow->address[!side];
		turned.port[side] = flow->port[!side];
		turned.lost[side] = flow->lost[!side];
		turned.seen[side] = flow->seen[!side];
		turned.bytes[side] = flow->bytes[!side];
		turned.packets[side] = flow->packets[!side];
		memcpy(turned.mac[side], flow->mac[!side], sizeof(turned.mac[side]));
	}
	return turned;
}

/* Events of one flow agree on who is client: what was told once is settled. */
static void emit(struct dissection *d, struct associations *all)
{
	const struct flow_facts *flow = d->flow;
	struct flow_facts turned;

	if (all->turned) {
		turned = turned_around(flow);
		d->flow = &turned;
	}
	dissection_emit(d);
	d->flow = flow;
	all->directed = true;
}

static void tell(struct dissection *d, struct associations *all, struct association *about,
                 const char *state)
{
	const struct association *back = association_of(all, !about->from);
	bool first = (about->from == CLIENT) != all->turned;
	const struct association *pair[2] = {first ? about : back, first ? back : about};
	struct arena *scratch = &d->bench->scratch;
	struct bytes spi[2];
	size_t n = 0;
	struct event *ev = dissection_event(d, EVENT_IPSEC);

	for (int side = CLIENT; side <= SERVER; side++)
		if (pair[side])
			spi[n++] = arena_print(scratch, "0x%08x", pair[side]->spi);
	event_set_time(ev, FIELD_EVENT_START,
	               back && back->first < about->first ? back->first : about->first);
	event_set_time(ev, FIELD_EVENT_END,
	               back && back->last > about->last ? back->last : about->last);
	event_set_name(ev, FIELD_CONFIGMGR_IPSEC_PROTOCOL, all->protocol);
	event_set_name(ev, FIELD_CONFIGMGR_IPSEC_STATE, state);
	event_set_texts(ev, FIELD_CONFIGMGR_IPSEC_SPI, spi, n);
	set_protection(ev, all, about, back);
	event_set_integer(ev, FIELD_CONFIGMGR_IPSEC_PACKETS,
	                  (int64_t)(about->packets + (back ? back->packets : 0)));
	event_set_integer(ev, FIELD_CONFIGMGR_IPSEC_BYTES,
	                  (int64_t)(about->bytes + (back ? back->bytes : 0)));
	emit(d, all);
}

/* Tells of an association that had so many packets, or sooner where the other direction is there.
 */
static void found(struct dissection *d, struct associations *all, struct association *a,
                  uint64_t packets)
{
	const struct association *latest = association_of(all, !a->from);
	struct association *back = latest ? find(all, (enum side)latest->from, latest->spi) : NULL;

	uint8_t what = a->protection + 1;
	bool with_back = back && back->told < what;

	if (a->told >= what || (!with_back && a->packets < packets))
		return;
	a->told = what;
	/* The other direction is told of with this one, unless it turns out to be worse. */
	if (with_back)
		back->told = what;
	tell(d, all, a, "found");
}

void association_found(struct dissection *d, struct associations *all, struct association *a)
{
	found(d, all, a, PACKETS_TO_WAIT);
}

void associations_end(struct dissection *d, struct associations *all)
{
	const struct association *last = association_of(all, CLIENT);

	if (!last)
		last = association_of(all, SERVER);
	if (!last)
		return;
	for (size_t i = 0; i < ASSOCIATIONS; i++) {
		struct association *a = &all->at[i];

		if (a->packets && a->protection != PROTECTION_UNKNOWN)
			found(d, all, a, 0);
	}
	tell(d, all, find(all, (enum side)last->from, last->spi), "ended");
}

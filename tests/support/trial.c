/* The conversation: packets are made here, everything behind them is the sensor's. */
#include "tests/support/trial.h"

#include "core/clock.h"
#include "dissectors/digest.h"
#include "dissectors/inflate.h"
#include "dissectors/tls/fingerprint_cache.h"
#include "dissectors/xml.h"

#include <stdio.h>
#include <stdlib.h>

static bool wants_all(void *context, enum event_kind kind, const struct field_set *present)
{
	(void)context;
	(void)kind;
	(void)present;
	return true;
}

static void keep_event(void *context, const struct flow_facts *flow, struct event *ev,
                       unsigned degraded)
{
	struct trial *t = context;
	struct bytes reasons[2];
	struct event_size size;
	size_t n = 0;

	if (t->events == TRIAL_EVENTS)
		return;
	if (flow->lost[CLIENT] || flow->lost[SERVER] || flow->midstream)
		reasons[n++] = BYTES("flow");
	if (degraded)
		reasons[n++] = BYTES("event");
	event_set_texts(ev, FIELD_CONFIGMGR_DEGRADED, reasons, n);
	event_set_address(ev, FIELD_CLIENT_IP, flow->address[CLIENT]);
	event_set_address(ev, FIELD_SERVER_IP, flow->address[SERVER]);
	event_set_integer(ev, FIELD_SERVER_PORT, flow->port[SERVER]);
	size = event_measure(ev);
	t->record[t->events] = malloc(size.bytes);
	event_pack(ev, &size, t->record[t->events]);
	event_unpack(&t->event[t->events], t->record[t->events]);
	t->events++;
}

static void flow_over(void *context, struct flow *flow, enum flow_end why)
{
	struct trial *t = context;

	(void)why;
	stream_end(t->streams, flow);
}

void trial_open(struct trial *t)
{
	struct flow_limits flows = {TRIAL_FLOWS, 600 * SECOND, 30 * SECOND,
	                            10 * SECOND, 300 * SECOND, 60 * SECOND};
	struct stream_limits streams = {
	        .streams = 64,
	        .segments = 4096,
	        .flow_segments = 256,
	        .flow_bytes = 1 << 20,
	        .message_part = 128 << 10,
	        .acknowledged_packets = 32,
	        .acknowledged_patience = 200 * MILLISECOND,
	        .hole_patience = 30 * SECOND,
	        .undecided_bytes = 64 << 10,
	};

	*t = (struct trial){.now = 1790000000 * SECOND,
	                    .first = {1000, 5000},
	                    .client_port = 40000,
	                    .server_port = 80,
	                    .protocol = IP_PROTOCOL_UDP,
	                    .acknowledge = true};
	t->bench.counters = &t->counters;
	t->bench.wants = wants_all;
	t->bench.emit = keep_event;
	t->bench.context = t;
	t->bench.limits = (struct dissector_limits){
	        .http_head = 64 << 10,
	        .http_pipeline = 16,
	        .smb_message = 16 << 10,
	        .ldap_message = 64 << 10,
	        .smb_sessions = 64,
	        .smb_trees = 64,
	        .smb_files = 256,
	        .smb_requests = 512,
	        .body = 4 << 20,
	        .inflate_bytes = 16 << 20,
	        .inflate_ratio = 200,
	        .xml_depth = 64,
	        .xml_elements = 1000000,
	        .report_body = 8 << 10,
	        .tls_handshake = 64 << 10,
	        .esp_packets = 16,
	        .dns_questions = 4,
	        .dns_answers = 32,
	};
	t->bench.inflater = inflater_open();
	t->bench.xml = xml_open(64, 1000000);
	t->bench.fingerprints = tls_fingerprints_open();
	if (!arena_open(&t->bench.scratch, 256 << 20) || !blocks_open(&t->bench.blocks, 16384) ||
	    !flows_open(&t->flows, flows, &t->counters))
		abort();
	t->flows.ended = flow_over;
	t->flows.context = t;
	t->streams = streams_open(streams, &t->bench, NULL);
}

void trial_close(struct trial *t)
{
	trial_end(t);
	for (size_t i = 0; i < t->events; i++)
		free(t->record[i]);
	streams_close(t->streams);
	flows_close(&t->flows);
	blocks_close(&t->bench.blocks);
	arena_close(&t->bench.scratch);
	tls_fingerprints_close(t->bench.fingerprints);
	xml_close(t->bench.xml);
	inflater_close(t->bench.inflater);
}

static struct packet packet_of(const struct trial *t, enum side side)
{
	static const uint8_t address[2][4] = {{192, 0, 2, 11}, {192, 0, 2, 20}};
	struct packet p = {
	        .time = t->now,
	        .source = address_from((struct bytes){address[side], 4}),
	        .destination = address_from((struct bytes){address[!side], 4}),
	        .source_port = side == CLIENT ? t->client_port : t->server_port,
	        .destination_port = side == CLIENT ? t->server_port : t->client_port,
	        .protocol = IP_PROTOCOL_TCP,
	        .wire_length = 54,
	};

	return p;
}

static enum stream_outcome take(struct trial *t, struct packet *p)
{
	struct flow_lookup lookup;
	enum stream_outcome outcome = STREAM_NOT_WANTED;

	flow_lookup(p, &lookup);

	struct flow *flow = flow_find(&t->flows, &lookup, p);
	enum side side = lookup.sender == flow->client ? CLIENT : SERVER;

	t->bench.now = t->now;
	t->bench.wrapped_count = 0;
	if (p->tcp_flags & TCP_SYN && flow->packets[CLIENT] + flow->packets[SERVER] &&
	    flow_is_reused(flow, p, side))
		flow_restart(&t->flows, flow, &lookup, p);
	side = flow_account(flow, &lookup, p);
	if (flow->interest != FLOW_NO_INTEREST)
		outcome = p->protocol == IP_PROTOCOL_TCP
		                  ? stream_packet(t->streams, flow, side, p)
		                  : datagram_packet(t->streams, flow, &side, p);
	arena_reset(&t->bench.scratch);
	t->now += MILLISECOND;
	t->outcomes[outcome]++;
	return outcome;
}

static void flags_only(struct trial *t, enum side side, uint8_t flags, uint32_t sequence)
{
	struct packet p = packet_of(t, side);

	p.tcp_flags = flags;
	p.tcp_sequence = sequence;
	if (flags & TCP_ACK)
		p.tcp_acknowledgment = t->first[!side] + t->sent[!side];
	take(t, &p);
}

void trial_handshake(struct trial *t)
{
	flags_only(t, CLIENT, TCP_SYN, t->first[CLIENT] - 1);
	flags_only(t, SERVER, TCP_SYN | TCP_ACK, t->first[SERVER] - 1);
	flags_only(t, CLIENT, TCP_ACK, t->first[CLIENT]);
}

enum stream_outcome trial_segment(struct trial *t, enum side side, uint32_t offset,
                                  struct bytes bytes, uint8_t flags)
{
	struct packet p = packet_of(t, side);

	p.tcp_flags = flags;
	p.tcp_sequence = t->first[side] + offset;
	p.payload = bytes;
	p.payload_length = (uint32_t)bytes.len;
	p.wire_length += (uint32_t)bytes.len;
	if (t->acknowledge) {
		p.tcp_flags |= TCP_ACK;
		p.tcp_acknowledgment = t->first[!side] + t->sent[!side];
	}
	return take(t, &p);
}

void trial_send(struct trial *t, enum side side, struct bytes bytes)
{
	trial_segment(t, side, t->sent[side], bytes, TCP_PSH);
	t->sent[side] += (uint32_t)bytes.len;
}

void trial_text(struct trial *t, enum side side, const char *text)
{
	trial_send(t, side, bytes_of(text));
}

void trial_send_in_pieces(struct trial *t, enum side side, struct bytes bytes, size_t size)
{
	for (size_t at = 0; at < bytes.len; at += size)
		trial_send(t, side, bytes_slice(bytes, at, size));
}

enum stream_outcome trial_datagram_cut(struct trial *t, enum side side, struct bytes bytes,
                                       size_t captured)
{
	struct packet p = packet_of(t, side);

	p.protocol = t->protocol;
	if (p.protocol != IP_PROTOCOL_UDP)
		p.source_port = p.destination_port = 0;
	p.payload = bytes_slice(bytes, 0, captured);
	p.payload_length = (uint32_t)bytes.len;
	p.wire_length += (uint32_t)bytes.len;
	return take(t, &p);
}

enum stream_outcome trial_datagram(struct trial *t, enum side side, struct bytes bytes)
{
	return trial_datagram_cut(t, side, bytes, bytes.len);
}

void trial_fin(struct trial *t, enum side side)
{
	flags_only(t, side, TCP_FIN | TCP_ACK, t->first[side] + t->sent[side]);
}

void trial_end(struct trial *t)
{
	flow_end_all(&t->flows);
	arena_reset(&t->bench.scratch);
}

void trial_wait(struct trial *t, int64_t nanoseconds)
{
	t->now += nanoseconds;
}

const struct event *trial_http(const struct trial *t, size_t index)
{
	for (size_t i = 0; i < t->events; i++)
		if (t->event[i].kind == EVENT_HTTP && !index--)
			return &t->event[i];
	return NULL;
}

size_t trial_http_count(const struct trial *t)
{
	size_t n = 0;

	while (trial_http(t, n))
		n++;
	return n;
}

const char *text_of(const struct event *ev, enum field f)
{
	static char text[8][1024];
	static unsigned next;
	char *to = text[next++ % 8];
	struct bytes value = event_text(ev, f);

	snprintf(to, sizeof(text[0]), "%.*s", (int)value.len, (const char *)value.at);
	return to;
}

const char *texts_of_event(const struct event *ev, enum field f)
{
	static char text[4][2048];
	static unsigned next;
	char *to = text[next++ % 4];
	size_t n = 0;

	to[0] = 0;
	for (size_t i = 0; event_has(ev, f) && i < ev->value[f].texts.count; i++) {
		struct bytes item = ev->value[f].texts.at[i];

		n += (size_t)snprintf(to + n, sizeof(text[0]) - n, "%s%.*s", i ? " " : "",
		                      (int)item.len, (const char *)item.at);
	}
	return to;
}

bool is_degraded(const struct event *ev)
{
	return event_has(ev, FIELD_CONFIGMGR_DEGRADED);
}

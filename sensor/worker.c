/* The way of a packet, from a frame to the events it causes. */
#include "sensor/worker.h"

#include "sensor/handover.h"
#include "sensor/interest.h"
#include "sensor/packet/batch.h"
#include "sensor/packet/datagram.h"
#include "sensor/packet/flow_event.h"
#include "sensor/packet/traffic_packet.h"
#include "sensor/worker_limits.h"
#include "sensor/worker_tools.h"

#include <stdlib.h>

/* Joined datagrams, decoded and inflated bodies, facts: all of one batch. Reserved, and touched
 * only as far as it is used. */
#define SCRATCH_BYTES    (256u << 20)
/* Flows looked at for silence with each batch. */
#define SWEEP_STEPS      8
/* The same when there is nothing else to do. */
#define IDLE_SWEEP_STEPS 4096
/* Packets may still wait in the kernel's buffer: an idle clock stays this far behind the wall's. */
#define IDLE_LAG         (2 * SECOND)

struct worker {
	struct worker_options options;
	struct interest interest;
	struct capture *capture;
	struct decoder *decoder;
	struct flows flows;
	struct streams *streams;
	struct identifier *identifier;
	struct arena decode_scratch;
	struct workbench bench;
	struct counters counters;
	struct packet_clock clock;
	struct traffic *traffic;
	int64_t second;     /* when the second began that traffic is counted in */
	int64_t bytes_left; /* until the next sample of bytes */
	uint32_t packets;   /* since the last sample of packets */
	struct batch batch;
	struct handover handover;
	_Atomic bool stopping;
};

static bool worker_wants(void *context, enum event_kind kind, const struct field_set *present)
{
	const struct worker *w = context;

	return interest_in_fields(&w->interest, kind, present);
}

/* An event of which not all is stated yet. */
static bool worker_matters(void *context, const struct flow_facts *flow, struct event *ev,
                           const struct field_set *to_come)
{
	const struct worker *w = context;

	flow_event_endpoints(ev, flow);
	return traffic_event_counts(ev) || interest_in_part(&w->interest, ev, to_come);
}

static void worker_pass_over(void *context)
{
	struct worker *w = context;

	handover_moment(&w->handover, w->bench.now);
}

static void worker_emit(void *context, const struct flow_facts *flow, struct event *ev,
                        unsigned degraded)
{
	struct worker *w = context;
	size_t mark = arena_mark(&w->bench.scratch);

	flow_event_endpoints(ev, flow);
	traffic_count_event(w->traffic, ev);
	if (interest_in_event(&w->interest, ev)) {
		flow_event_rest(ev, flow, degraded, &w->bench.scratch);
		handover_event(&w->handover, ev);
	} else {
		count(&w->counters, COUNTER_EVENTS_OF_NO_INTEREST);
		worker_pass_over(w);
	}
	if (field_set_next(&ev->truncated, 0) < FIELD_COUNT)
		count(&w->counters, COUNTER_EVENTS_CUT);
	arena_return(&w->bench.scratch, mark);
}

static void traffic_told(void *context, struct event *ev)
{
	struct worker *w = context;

	if (worker_wants(w, EVENT_TRAFFIC, &ev->present))
		handover_event(&w->handover, ev);
}

static enum traffic_fact fact_of(enum packet_fault fault)
{
	return fault == FAULT_HEADER ? TRAFFIC_MALFORMED : TRAFFIC_FRAGMENTS;
}

/* Frames of a batch are decoded before the first of them is accounted, so faults found then wait
 * for their turn. */
static void fault_told(void *context, enum packet_fault fault, struct address source,
                       struct address destination)
{
	struct worker *w = context;

	if (!batch_note_fault(&w->batch, fault, source, destination))
		traffic_count(w->traffic, fact_of(fault), &source, &destination, 1);
}

/* Counts a packet into the samples of traffic. */
static inline void sample(struct worker *w, const struct flow *flow, enum side side,
                          uint32_t wire_length)
{
	/* What is wrapped was counted with the packet around it. */
	if (!flow_is_wrapped(flow)) {
		w->bytes_left -= wire_length;
		w->packets++;
	}
	if (w->bytes_left <= 0)
		traffic_count_bytes(w->traffic, flow, side, &w->bytes_left);
	if (w->packets >= TRAFFIC_SAMPLED_PACKETS) {
		w->packets = 0;
		traffic_count_packets(w->traffic, flow, side);
	}
}

/* Counts a packet into its flow, and what is new by it into the traffic of the addresses. */
static enum side account(struct worker *w, struct flow *flow, const struct flow_lookup *lookup,
                         const struct packet *packet)
{
	uint8_t was = flow->tcp;
	enum side side = flow_account(flow, lookup, packet);

	sample(w, flow, side, packet->wire_length);
	if (flow->tcp != was)
		traffic_count_opening(w->traffic, flow, was, side);
	return side;
}

/* A flow has ended: its dissector does, and whoever asks for connections gets this one. */
static void flow_ended(void *context, struct flow *flow, enum flow_end why)
{
	struct worker *w = context;
	struct event *ev = &w->bench.event;
	struct flow_facts facts;

	(void)why;
	stream_end(w->streams, flow);
	flow_event_connection(ev, flow, w->bench.now);
	flow_facts_fill(flow, &facts);
	if (worker_wants(w, EVENT_CONNECTION, &ev->present))
		worker_emit(w, &facts, ev, 0);
}

static bool open_tools(struct worker *w)
{
	const struct config *c = w->options.config;

	if (c->identification.ndpi)
		w->identifier =
		        identifier_open((uint32_t)c->identification.flows,
		                        (uint32_t)c->identification.packets, w->options.live);
	return worker_tools_open(&w->bench, c, w->options.secrets);
}

static bool open_packet_path(struct worker *w)
{
	struct worker_limits limits = worker_limits_of(w->options.config);

	w->bench.limits = limits.dissectors;
	if (!flows_open(&w->flows, limits.flows, &w->counters))
		return false;
	w->flows.ended = flow_ended;
	w->flows.context = w;
	w->streams = streams_open(limits.streams, &w->bench, w->identifier);
	w->decoder =
	        decoder_open(limits.decode, &w->bench.blocks, &w->decode_scratch, &w->counters);
	w->traffic = traffic_open(limits.traffic, &w->counters, &w->bench.event, traffic_told, w);
	if (!w->streams || !w->decoder || !w->traffic)
		return false;
	decoder_report(w->decoder, (struct fault_report){fault_told, w});
	return true;
}

struct worker *worker_open(struct capture *capture, struct worker_options options)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->options = options;
	w->interest = (struct interest){
	        .signatures = options.signatures,
	        .listed = options.listed,
	        .every_event = options.every_event,
	};
	w->capture = capture;
	w->bench.counters = &w->counters;
	w->bench.wants = worker_wants;
	w->bench.matters = worker_matters;
	w->bench.pass_over = worker_pass_over;
	w->bench.emit = worker_emit;
	w->bench.context = w;
	if (handover_open(&w->handover, (size_t)options.config->limits.event_ring, options.live,
	                  &w->counters) &&
	    interest_open(&w->interest, (uint32_t)options.config->limits.site_servers,
	                  ring_largest(&w->handover.ring), &w->counters) &&
	    arena_open(&w->bench.scratch, SCRATCH_BYTES) &&
	    arena_open(&w->decode_scratch, SCRATCH_BYTES) &&
	    blocks_open(&w->bench.blocks, (uint32_t)options.config->limits.blocks) &&
	    open_tools(w) && open_packet_path(w))
		return w;
	worker_close(w);
	return NULL;
}

void worker_close(struct worker *w)
{
	if (!w)
		return;
	interest_close(&w->interest);
	decoder_close(w->decoder);
	traffic_close(w->traffic);
	streams_close(w->streams);
	flows_close(&w->flows);
	identifier_close(w->identifier);
	worker_tools_close(&w->bench);
	blocks_close(&w->bench.blocks);
	arena_close(&w->bench.scratch);
	arena_close(&w->decode_scratch);
	handover_close(&w->handover);
	free(w);
}

/* Where the ledger counts what became of a packet. */
static const enum counter outcomes[] = {
        [STREAM_DATA] = COUNTER_DISSECTED_DATA,
        [STREAM_SKIPPED] = COUNTER_DISSECTED_SKIPPED,
        [STREAM_REPEATED] = COUNTER_DISSECTED_REPEATED,
        [STREAM_CONTROL] = COUNTER_DISSECTED_CONTROL,
        [STREAM_OVER_CAP] = COUNTER_OVER_CAP_SEGMENTS,
        [STREAM_UNDECIDED] = COUNTER_NO_INTEREST_UNDECIDED,
        [STREAM_NOT_WANTED] = COUNTER_NO_INTEREST_FLOW,
};

static void tcp_packet(struct worker *w, struct flow *flow, enum side side, struct packet *packet)
{
	uint64_t requests = counter_read(&w->counters, COUNTER_HTTP_TRANSACTIONS);
	enum stream_outcome outcome = stream_packet(w->streams, flow, side, packet);

	count(&w->counters, outcomes[outcome]);
	/* A body that nobody wants costs its headers only: its bytes are not even summed. */
	if (outcome != STREAM_SKIPPED)
		decode_verify(w->decoder, packet);
	requests = counter_read(&w->counters, COUNTER_HTTP_TRANSACTIONS) - requests;
	if (requests)
		traffic_count(w->traffic, TRAFFIC_REQUESTS, flow_address(flow, CLIENT),
		              flow_address(flow, SERVER), (uint32_t)requests);
}

static void datagram(struct worker *w, struct flow *flow, enum side *side,
                     const struct packet *packet)
{
	static const struct {
		enum counter counter;
		enum traffic_fact fact;
	} counted[] = {
	        {COUNTER_IKE_INITIATED, TRAFFIC_IKE_BEGUN},
	        {COUNTER_IKE_CONTINUED, TRAFFIC_IKE_CONTINUED},
	};
	uint64_t before[] = {counter_read(&w->counters, counted[0].counter),
	                     counter_read(&w->counters, counted[1].counter)};

	count(&w->counters, outcomes[datagram_packet(w->streams, flow, side, packet)]);
	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++) {
		uint64_t more = counter_read(&w->counters, counted[i].counter) - before[i];

		if (more)
			traffic_count(w->traffic, counted[i].fact, flow_address(flow, *side),
			              flow_address(flow, !*side), (uint32_t)more);
	}
}

/* Not inlined, since it is called once a second. */
__attribute__((noinline)) static void end_second(struct worker *w)
{
	traffic_advance(w->traffic, w->clock.now);
	w->second = w->clock.now / SECOND * SECOND;
}

/* Packet time goes on; a second that has ended is told of. */
static inline void follow_time(struct worker *w, int64_t time)
{
	clock_follow(&w->clock, time);
	/* As unsigned numbers, also when time went back. */
	if ((uint64_t)w->clock.now - (uint64_t)w->second >= SECOND)
		end_second(w);
	w->bench.now = w->clock.now;
}

static void one_packet(struct worker *w, struct packet *packet, const struct flow_lookup *lookup);

/* What the datagrams of a packet wrapped is read like any other packet, in the order in which it
 * was sent. The ledger knows the packet around it already. */
static void unwrap(struct worker *w, const struct packet *outer, enum side side)
{
	static const enum tunnel tunnels[] = {
	        [WRAPPED_IN_AH] = TUNNEL_AH,
	        [WRAPPED_IN_ESP] = TUNNEL_ESP,
	        [WRAPPED_IN_WESP] = TUNNEL_WESP,
	};
	struct wrapped list[WRAPPED_MAX];
	unsigned n = w->bench.wrapped_count;
	struct counters ledger;

	memcpy(list, w->bench.wrapped, n * sizeof(*list));
	w->bench.wrapped_count = 0;
	counters_copy_ledger(&ledger, &w->counters);
	for (unsigned i = 0; i < n; i++) {
		struct packet_inside inside = {
		        .protocol = list[i].protocol,
		        .tunnel = tunnels[list[i].wrapping],
		        .bytes = list[i].bytes,
		        .missing = list[i].missing,
		        .backwards = list[i].from != side,
		        .time = list[i].time,
		};
		struct packet packet;
		struct flow_lookup lookup;
		enum decode_outcome outcome = decode_inside(w->decoder, outer, &inside, &packet);

		if (outcome == DECODE_NONE ||
		    (outcome == DECODE_OTHER && !datagram_is_read(packet.protocol)))
			continue;
		flow_lookup(&packet, &lookup);
		one_packet(w, &packet, &lookup);
	}
	counters_copy_ledger(&w->counters, &ledger);
}

static void one_packet(struct worker *w, struct packet *packet, const struct flow_lookup *lookup)
{
	struct flow *flow = flow_find(&w->flows, lookup, packet);
	enum side side = lookup->sender == flow->client ? CLIENT : SERVER;

	follow_time(w, packet->time);
	if (packet->protocol == IP_PROTOCOL_TCP && packet->tcp_flags & TCP_SYN &&
	    flow->packets[CLIENT] + flow->packets[SERVER] && flow_is_reused(flow, packet, side))
		flow_restart(&w->flows, flow, lookup, packet);
	side = account(w, flow, lookup, packet);
	if (flow->interest == FLOW_NO_INTEREST) {
		count(&w->counters, COUNTER_NO_INTEREST_FLOW);
		return;
	}
	if (packet->protocol == IP_PROTOCOL_TCP) {
		tcp_packet(w, flow, side, packet);
	} else {
		decode_verify(w->decoder, packet);
		datagram(w, flow, &side, packet);
	}
	if (w->bench.wrapped_count)
		unwrap(w, packet, side);
}

/* Counts the faults that come before an item of the batch, from one on; returns which is next. */
static size_t count_faults(struct worker *w, size_t next, size_t before)
{
	const struct batch *b = &w->batch;

	for (; next < b->fault_count && b->fault[next].before <= before; next++) {
		const struct batch_fault *f = &b->fault[next];

		follow_time(w, f->time);
		traffic_count(w->traffic, fact_of(f->what), &f->source, &f->destination, 1);
	}
	return next;
}

/* What most packets of a capture are: of a flow that nobody reads, and without a word for TCP.
 * False when this one is more than that; then nothing has been done. */
static bool pass_by(struct worker *w, const struct frame *frame, const struct flow_lookup *lookup)
{
	struct flow *flow = flow_of_no_interest(&w->flows, lookup);

	if (!flow || frame->plain.bad_checksum ||
	    (frame->plain.protocol == IP_PROTOCOL_TCP &&
	     (frame->plain.tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST) ||
	      !(flow->tcp & SEEN_HANDSHAKE))))
		return false;
	follow_time(w, frame->time);
	sample(w, flow, flow_count(flow, lookup, frame->time, frame->wire_length),
	       frame->wire_length);
	count(&w->counters, COUNTER_NO_INTEREST_FLOW);
	return true;
}

static void one_batch(struct worker *w, const struct frame *frames, size_t count_of)
{
	struct batch *b = &w->batch;
	size_t next_fault = 0;

	batch_take(b, frames, count_of, w->decoder, &w->flows, &w->counters);
	for (size_t i = 0; i < b->count; i++) {
		struct batch_item *item = &b->item[i];
		struct flow_lookup lookup;

		if (next_fault < b->fault_count)
			next_fault = count_faults(w, next_fault, i);
		batch_lookup(item, &lookup);
		if (item->plain) {
			if (pass_by(w, item->plain, &lookup))
				continue;
			decode(w->decoder, item->plain, &item->packet);
		}
		one_packet(w, &item->packet, &lookup);
		arena_reset(&w->bench.scratch);
	}
	count_faults(w, next_fault, b->count);
	arena_reset(&w->decode_scratch);
}

/* A live capture without packets: silence ends flows all the same. */
static void idle(struct worker *w)
{
	if (!w->options.live || !w->clock.now)
		return;
	follow_time(w, wall_clock() - IDLE_LAG);
	flow_sweep(&w->flows, w->clock.now, IDLE_SWEEP_STEPS);
}

void worker_run(struct worker *w)
{
	const struct frame *batch;
	size_t count_of;
	enum capture_status status = CAPTURE_IDLE;

	while (status != CAPTURE_END && !atomic_load_explicit(&w->stopping, memory_order_relaxed)) {
		status = capture_next(w->capture, &batch, &count_of);
		if (status == CAPTURE_PACKETS)
			one_batch(w, batch, count_of);
		else
			idle(w);
		flow_sweep(&w->flows, w->clock.now, SWEEP_STEPS);
		decoder_expire(w->decoder, w->clock.now);
		arena_reset(&w->bench.scratch);
		capture_count(w->capture, &w->counters);
	}
	flow_end_all(&w->flows);
	traffic_end(w->traffic);
	counter_add(&w->counters, COUNTER_CAPTURE_TIME_BACK, w->clock.stepped_back);
	capture_count(w->capture, &w->counters);
	ring_finish(&w->handover.ring);
}

void worker_stop(struct worker *w)
{
	atomic_store_explicit(&w->stopping, true, memory_order_relaxed);
}

struct ring *worker_ring(struct worker *w)
{
	return &w->handover.ring;
}

const struct counters *worker_counters(const struct worker *w)
{
	return &w->counters;
}

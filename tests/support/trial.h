/* A conversation for tests, by TCP or by datagrams: what two hosts send goes through the real flow
 * table, streams and dissectors, and the events that come out are kept for a look. */
#ifndef CMTAP_TESTS_SUPPORT_TRIAL_H
#define CMTAP_TESTS_SUPPORT_TRIAL_H

#include "sensor/packet/datagram.h"

#define TRIAL_FLOWS  1024
#define TRIAL_EVENTS 256

struct trial {
	struct workbench bench;
	struct counters counters;
	struct flows flows;
	struct streams *streams;
	int64_t now;
	uint32_t first[2]; /* sequence number of each side's first byte */
	uint32_t sent[2];  /* bytes each side has sent */
	uint16_t client_port, server_port;
	uint8_t protocol; /* of datagrams: UDP, unless a test says otherwise */
	bool acknowledge; /* segments acknowledge all that the other side sent */
	void *record[TRIAL_EVENTS];
	struct event event[TRIAL_EVENTS];
	size_t events;
	uint64_t outcomes[16]; /* by enum stream_outcome */
};

void trial_open(struct trial *t);
void trial_close(struct trial *t);

/* SYN, SYN-ACK, ACK. */
void trial_handshake(struct trial *t);
/* The next bytes of a side, in one segment. */
void trial_send(struct trial *t, enum side side, struct bytes bytes);
void trial_text(struct trial *t, enum side side, const char *text);
/* The same, a segment for every `size` bytes. */
void trial_send_in_pieces(struct trial *t, enum side side, struct bytes bytes, size_t size);
/* A segment at any place of a side's stream, which does not count as sent. */
enum stream_outcome trial_segment(struct trial *t, enum side side, uint32_t offset,
                                  struct bytes bytes, uint8_t flags);
/* A datagram of a side. */
enum stream_outcome trial_datagram(struct trial *t, enum side side, struct bytes bytes);
/* The same, of which only the first bytes were captured. */
enum stream_outcome trial_datagram_cut(struct trial *t, enum side side, struct bytes bytes,
                                       size_t captured);
/* A side says that it has sent everything. */
void trial_fin(struct trial *t, enum side side);
/* All flows end. */
void trial_end(struct trial *t);
/* Time goes by. */
void trial_wait(struct trial *t, int64_t nanoseconds);

/* An HTTP event by its place among the HTTP events; NULL when there are not so many. */
const struct event *trial_http(const struct trial *t, size_t index);
/* How many HTTP events there are. */
size_t trial_http_count(const struct trial *t);

/* A text field of an event as a C string, in one of some static buffers; "" when absent. */
const char *text_of(const struct event *ev, enum field f);
/* The items of a list of texts, joined by blanks. */
const char *texts_of_event(const struct event *ev, enum field f);
bool is_degraded(const struct event *ev);

#endif

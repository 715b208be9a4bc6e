/* A few pieces, each an array of frames that lie in one buffer of the input, that go round between
 * the thread that fills them and the one that reads them. The lock is taken once a piece, some
 * thousand times a second at the fastest. */
#include "sensor/capture/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* Smaller files are not worth a thread. */
#define AHEAD_FROM  (8u << 20)
#define PIECES      INPUT_BUFFERS
/* Of one piece: as many as a buffer usually holds. */
#define FRAMES      (16 * CAPTURE_BATCH)
/* Who finds nothing to do sleeps until there is so much: being woken for each piece costs more than
 * filling or reading it. */
#define PIECES_FREE (PIECES / 2)
#define PIECES_FULL (PIECES / 2)
/* More readers than that would only take turns. */
#define READERS_MAX 2
/* How long to wait before saying that there is nothing yet. */
#define PATIENCE_NS (100 * 1000 * 1000)

static _Atomic int readers;

struct piece {
	struct frame *frame;
	size_t count;
	uint64_t turn; /* of the input, in whose buffer the frames lie */
};

struct ahead {
	struct source *source;
	struct piece piece[PIECES];
	uint64_t filled, taken; /* pieces ever; the one looked at is taken and not given back */
	bool is_fresh;          /* piece `filled` is being filled */
	bool held;              /* the reader looks at piece `taken` */
	size_t next;            /* frame of that piece */
	bool stop, ended;
	bool blocked; /* nothing will be filled until pieces are given back */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

static struct piece *piece_at(struct ahead *a, uint64_t number)
{
	return &a->piece[number % PIECES];
}

static bool wait_for_room(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	if (a->filled - a->taken == PIECES)
		while (!a->stop && a->filled - a->taken > PIECES - PIECES_FREE)
			pthread_cond_wait(&a->changed, &a->lock);

	bool go_on = !a->stop;

	pthread_mutex_unlock(&a->lock);
	return go_on;
}

/* Hands over the piece that is being filled, if there is anything in it. */
static void tell_filled(struct ahead *a)
{
	if (!a->is_fresh || !piece_at(a, a->filled)->count)
		return;
	a->is_fresh = false;
	pthread_mutex_lock(&a->lock);
	a->filled++;
	if (a->filled - a->taken >= PIECES_FULL)
		pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

/* The next piece that can be filled, empty. NULL when there is to be none. */
static struct piece *fresh_piece(struct ahead *a)
{
	struct piece *p = piece_at(a, a->filled);

	if (a->is_fresh)
		return p;
	if (!wait_for_room(a))
		return NULL;
	p->count = 0;
	a->is_fresh = true;
	return p;
}

/* Another buffer: what is in the one before is handed over, and the one whose turn it is must have
 * been given back. The lock is not held. */
static bool turn_over(void *context, uint64_t turn)
{
	struct ahead *a = context;

	tell_filled(a);
	pthread_mutex_lock(&a->lock);
	while (!a->stop && a->filled != a->taken && turn >= INPUT_BUFFERS &&
	       piece_at(a, a->taken)->turn <= turn - INPUT_BUFFERS) {
		a->blocked = true;
		pthread_cond_signal(&a->changed);
		pthread_cond_wait(&a->changed, &a->lock);
	}
	a->blocked = false;

	bool go_on = !a->stop;

	pthread_mutex_unlock(&a->lock);
	return go_on;
}

/* Adds the next frames to the piece that is being filled, or to the next one where they turned out
 * to lie in another buffer. */
static enum capture_status fill_more(struct ahead *a)
{
	struct piece *p = fresh_piece(a);
	size_t count = 0;

	if (!p)
		return CAPTURE_END;

	struct frame *to = &p->frame[p->count];
	enum capture_status status = source_batch(a->source, to, &count);

	if (status != CAPTURE_PACKETS)
		return status;
	plain_look(to, count);
	p = fresh_piece(a);
	if (!p)
		return CAPTURE_END;
	if (to != &p->frame[p->count])
		memcpy(p->frame, to, count * sizeof(*to));
	p->turn = a->source->input.turn;
	p->count += count;
	if (p->count > FRAMES - CAPTURE_BATCH)
		tell_filled(a);
	return status;
}

static void *fill(void *context)
{
	struct ahead *a = context;

	pthread_setname_np(pthread_self(), "cmtap-reader");
	while (fill_more(a) != CAPTURE_END)
		;
	tell_filled(a);
	pthread_mutex_lock(&a->lock);
	a->ended = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static bool open_pieces(struct ahead *a)
{
	for (int i = 0; i < PIECES; i++) {
		a->piece[i].frame = aligned_alloc(64, FRAMES * sizeof(struct frame));
		if (!a->piece[i].frame)
			return false;
	}
	return true;
}

static void free_all(struct ahead *a)
{
	for (int i = 0; i < PIECES; i++)
		free(a->piece[i].frame);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->changed);
	free(a);
	readers--;
}

static bool is_worth_it(const struct source *source)
{
	const struct input *in = &source->input;

	return source->format->views_live && in->fd >= 0 && !in->is_pipe &&
	       in->file_size >= AHEAD_FROM;
}

/* The thread takes no signals: a stop is for whoever waits for it, and that may not be so yet. */
static bool start_thread(struct ahead *a)
{
	sigset_t all, ours;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &ours);
	started = pthread_create(&a->thread, NULL, fill, a) == 0;
	pthread_sigmask(SIG_SETMASK, &ours, NULL);
	return started;
}

struct ahead *ahead_open(struct source *source)
{
	struct ahead *a;

	if (!is_worth_it(source))
		return NULL;
	if (++readers > READERS_MAX || !(a = calloc(1, sizeof(*a)))) {
		readers--;
		return NULL;
	}
	a->source = source;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	if (open_pieces(a)) {
		input_go_round(&source->input, turn_over, a);
		if (start_thread(a))
			return a;
		input_go_round(&source->input, NULL, NULL);
	}
	free_all(a);
	return NULL;
}

/* Waits for a piece. The lock is held. */
static enum capture_status wait_for_piece(struct ahead *a)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += PATIENCE_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (a->filled - a->taken < PIECES_FULL && !a->ended &&
	       !(a->blocked && a->filled != a->taken))
		if (pthread_cond_timedwait(&a->changed, &a->lock, &until) == ETIMEDOUT)
			break;
	if (a->filled != a->taken)
		return CAPTURE_PACKETS;
	return a->ended ? CAPTURE_END : CAPTURE_IDLE;
}

/* Gives the piece that is held back, and takes the next one. The thread is woken when several are
 * free. */
static enum capture_status next_piece(struct ahead *a)
{
	enum capture_status status;

	pthread_mutex_lock(&a->lock);
	a->taken += a->held;
	a->held = false;
	a->next = 0;
	if (a->filled - a->taken <= PIECES - PIECES_FREE)
		pthread_cond_signal(&a->changed);
	status = a->filled != a->taken ? CAPTURE_PACKETS : wait_for_piece(a);
	a->held = status == CAPTURE_PACKETS;
	pthread_mutex_unlock(&a->lock);
	return status;
}

enum capture_status ahead_next(struct ahead *a, const struct frame **frames, size_t *count)
{
	*count = 0;
	if (!a->held || a->next == piece_at(a, a->taken)->count) {
		enum capture_status status = next_piece(a);

		if (status != CAPTURE_PACKETS)
			return status;
	}

	const struct piece *p = piece_at(a, a->taken);
	size_t left = p->count - a->next;

	*frames = &p->frame[a->next];
	*count = left < CAPTURE_BATCH ? left : CAPTURE_BATCH;
	a->next += *count;
	return CAPTURE_PACKETS;
}

void ahead_close(struct ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	free_all(a);
}

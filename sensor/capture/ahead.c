/* A few buffers that go round between the thread that fills them and the one that reads them. The
 * lock is taken once a buffer, some hundred times a second at the fastest. */
#include "sensor/capture/ahead.h"

#include "core/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PIECES      8
/* The filling thread sleeps until so many are free: waking it for each one costs more than filling
 * it. */
#define PIECES_FREE 4
/* More readers than that would only take turns. */
#define READERS_MAX 2
/* How long to wait before saying that there is nothing yet. */
#define PATIENCE_NS (100 * 1000 * 1000)

static _Atomic int readers;

struct piece {
	uint8_t *base; /* `room` bytes, then the bytes of the file */
	size_t len;
};

struct ahead {
	int fd;
	size_t size, room;
	uint64_t *bytes_read;
	struct piece piece[PIECES];
	uint64_t filled, taken; /* pieces ever; the one looked at is taken and not given back */
	bool held;              /* the reader looks at piece `taken` */
	bool stop, ended;
	int problem;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

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

static void tell_filled(struct ahead *a, ssize_t got, int problem)
{
	pthread_mutex_lock(&a->lock);
	if (got > 0)
		a->filled++;
	else
		a->ended = true;
	a->problem = problem;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

static void *fill(void *context)
{
	struct ahead *a = context;
	ssize_t got = 1;

	pthread_setname_np(pthread_self(), "cmtap-reader");
	while (got > 0 && wait_for_room(a)) {
		struct piece *p = &a->piece[a->filled % PIECES];

		do
			got = read(a->fd, p->base + a->room, a->size);
		while (got < 0 && errno == EINTR);
		if (got > 0) {
			p->len = (size_t)got;
			if (a->bytes_read)
				__atomic_fetch_add(a->bytes_read, (uint64_t)got, __ATOMIC_RELAXED);
		}
		tell_filled(a, got, got < 0 ? errno : 0);
	}
	return NULL;
}

static bool open_pieces(struct ahead *a)
{
	for (int i = 0; i < PIECES; i++) {
		a->piece[i].base = memory_reserve(a->room + a->size);
		if (!a->piece[i].base)
			return false;
	}
	return true;
}

static void free_all(struct ahead *a)
{
	for (int i = 0; i < PIECES; i++)
		memory_release(a->piece[i].base, a->room + a->size);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->changed);
	free(a);
	readers--;
}

struct ahead *ahead_open(int fd, size_t size, size_t room, uint64_t *bytes_read)
{
	struct ahead *a;

	if (++readers > READERS_MAX || !(a = calloc(1, sizeof(*a)))) {
		readers--;
		return NULL;
	}
	a->fd = fd;
	a->size = size;
	a->room = room;
	a->bytes_read = bytes_read;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	if (open_pieces(a) && pthread_create(&a->thread, NULL, fill, a) == 0)
		return a;
	free_all(a);
	return NULL;
}

/* Waits for the piece behind the one that is held. The lock is held. */
static bool wait_for_piece(struct ahead *a)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += PATIENCE_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (a->filled == a->taken + a->held && !a->ended)
		if (pthread_cond_timedwait(&a->changed, &a->lock, &until) == ETIMEDOUT)
			break;
	return a->filled > a->taken + a->held;
}

enum ahead_status ahead_next(struct ahead *a, struct bytes left, struct bytes *window, int *problem)
{
	enum ahead_status status = AHEAD_READY;
	struct piece *next;

	if (left.len > a->room) {
		*problem = E2BIG;
		return AHEAD_FAILED;
	}
	pthread_mutex_lock(&a->lock);
	if (!wait_for_piece(a))
		status = !a->ended ? AHEAD_WAITING : a->problem ? AHEAD_FAILED : AHEAD_END;
	*problem = a->problem;
	next = &a->piece[(a->taken + a->held) % PIECES];
	pthread_mutex_unlock(&a->lock);
	if (status != AHEAD_READY)
		return status;
	if (left.len)
		memcpy(next->base + a->room - left.len, left.at, left.len);
	*window = (struct bytes){next->base + a->room - left.len, left.len + next->len};
	pthread_mutex_lock(&a->lock);
	a->taken += a->held;
	a->held = true;
	if (a->filled - a->taken == PIECES - PIECES_FREE)
		pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	return AHEAD_READY;
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

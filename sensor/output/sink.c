/* Sinks on files and pipes. The detector thread owns them.
 *
 * Whole documents are collected and written with one call. When that fails they are lost, and
 * counted: holding them would only lose them later, and block the sensor until then. What a full
 * disk took of a document is taken back, so that the next one begins on a line of its own. */
#include "sensor/output/sink.h"

#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE (64u << 10)

struct sink {
	char *path; /* NULL: standard output */
	int fd;
	bool created, failed, torn; /* torn: the last line has no end */
	uint64_t lost_since_it_failed;
	uint32_t held; /* documents in the buffer */
	size_t used;
	struct sink_tally tally;
	char buffer[BUFFER_SIZE];
};

/* Opens the file at its end; tells whether it is new. */
static int open_file(const char *path, bool *created)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);

	*created = false;
	if (fd >= 0 || errno != ENOENT)
		return fd;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	*created = fd >= 0;
	return fd;
}

struct sink *sink_open(const char *target, struct complaints *complaints)
{
	struct sink *s;

	if (strstr(target, "://") || !strncmp(target, "unix:", 5)) {
		complain(complaints, NULL, 0, 0,
		         "output %s: this version writes to files and standard output; expected a "
		         "path or -",
		         target);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		complain(complaints, target, 0, 0, "out of memory");
		return NULL;
	}
	s->fd = STDOUT_FILENO;
	if (!strcmp(target, "-"))
		return s;
	s->path = strdup(target);
	s->fd = s->path ? open_file(target, &s->created) : -1;
	if (s->fd >= 0)
		return s;
	complain(complaints, target, 0, 0, "cannot be written: %s", strerror(errno));
	sink_close(s);
	return NULL;
}

/* Writes until all is out or nothing more goes; a pipe that would block is waited for. */
static size_t write_all(int fd, const char *from, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(fd, from + done, size - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		} else if (errno != EINTR) {
			break;
		}
	}
	return done;
}

/* Takes `part` bytes back from the end of a file, unless others write to it too. */
static bool take_back(int fd, size_t part)
{
	off_t here = lseek(fd, 0, SEEK_CUR), start = here - (off_t)part;
	struct stat about;

	return here >= (off_t)part && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
	       about.st_size == here && ftruncate(fd, start) == 0 &&
	       lseek(fd, start, SEEK_SET) == start;
}

static void tell_failure(struct sink *s, int error)
{
	if (!s->failed)
		log_line(LOG_ERROR, "output %s: %s; documents are lost until it works again",
		         s->path ? s->path : "-", strerror(error));
	s->failed = true;
}

static void tell_recovery(struct sink *s)
{
	if (s->failed)
		log_line(LOG_NOTICE, "output %s: works again; %" PRIu64 " documents were lost",
		         s->path ? s->path : "-", s->lost_since_it_failed);
	s->failed = false;
	s->lost_since_it_failed = 0;
}

bool sink_flush(struct sink *s)
{
	uint32_t whole = 0;
	size_t done, line = 0;
	int error;

	if (!s->used)
		return true;
	if (s->torn && write_all(s->fd, "\n", 1))
		s->torn = false;
	done = s->torn ? 0 : write_all(s->fd, s->buffer, s->used);
	error = errno;
	for (const char *end; (end = memchr(s->buffer + line, '\n', done - line)); whole++)
		line = (size_t)(end - s->buffer) + 1;
	s->tally.written += whole;
	if (done == s->used) {
		tell_recovery(s);
	} else {
		s->torn = s->torn || (done > line && !take_back(s->fd, done - line));
		s->tally.lost += s->held - whole;
		s->lost_since_it_failed += s->held - whole;
		tell_failure(s, error);
	}
	s->used = 0;
	s->held = 0;
	return !s->failed;
}

bool sink_write(struct sink *s, struct bytes document)
{
	bool ok = true;

	if (document.len + 1 > sizeof(s->buffer) - s->used)
		ok = sink_flush(s);
	if (document.len + 1 > sizeof(s->buffer)) {
		s->tally.lost++;
		return false;
	}
	memcpy(s->buffer + s->used, document.at, document.len);
	s->used += document.len;
	s->buffer[s->used++] = '\n';
	s->held++;
	return ok;
}

struct sink_tally sink_take_tally(struct sink *s)
{
	struct sink_tally tally = s->tally;

	s->tally = (struct sink_tally){0};
	return tally;
}

void sink_reopen(struct sink *s)
{
	bool created;
	int fd = s->path ? open_file(s->path, &created) : -1;

	if (s->path && fd < 0)
		log_line(LOG_ERROR, "output %s: %s; the file that was open stays in use", s->path,
		         strerror(errno));
	if (fd < 0)
		return;
	sink_flush(s);
	close(s->fd);
	s->fd = fd;
	s->torn = false;
}

void sink_close(struct sink *s)
{
	if (!s)
		return;
	sink_flush(s);
	if (s->path && s->fd >= 0)
		close(s->fd);
	free(s->path);
	free(s);
}

void sink_abandon(struct sink *s)
{
	if (s && s->created)
		unlink(s->path);
	sink_close(s);
}

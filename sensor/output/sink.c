/* Sinks on buffered files. The detector thread owns them. */
#include "sensor/output/sink.h"

#include "core/log.h"

#include <errno.h>
#include <stdlib.h>

struct sink {
	char *path; /* NULL: standard output */
	FILE *file;
	bool failed;
};

struct sink *sink_open(const char *target, struct complaints *complaints)
{
	struct sink *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (!strcmp(target, "-")) {
		s->file = stdout;
		return s;
	}
	if (strstr(target, "://") || !strncmp(target, "unix:", 5)) {
		complain(complaints, NULL, 0, 0,
		         "output %s: this version writes to files and standard output; expected a "
		         "path or -",
		         target);
		free(s);
		return NULL;
	}
	s->path = strdup(target);
	s->file = fopen(target, "a");
	if (s->path && s->file)
		return s;
	complain(complaints, target, 0, 0, "cannot be written: %s", strerror(errno));
	sink_close(s);
	return NULL;
}

static bool failed(struct sink *s)
{
	if (!s->failed)
		log_line(LOG_ERROR, "output %s: %s; documents are lost until it works again",
		         s->path ? s->path : "-", strerror(errno));
	s->failed = true;
	clearerr(s->file);
	return false;
}

bool sink_write(struct sink *s, struct bytes document)
{
	if (fwrite(document.at, 1, document.len, s->file) != document.len ||
	    fputc('\n', s->file) == EOF)
		return failed(s);
	s->failed = false;
	return true;
}

bool sink_flush(struct sink *s)
{
	return fflush(s->file) == 0 || failed(s);
}

void sink_reopen(struct sink *s)
{
	FILE *anew = s->path ? fopen(s->path, "a") : NULL;

	if (!anew)
		return;
	fclose(s->file);
	s->file = anew;
}

void sink_close(struct sink *s)
{
	if (!s)
		return;
	if (s->file && s->file != stdout)
		fclose(s->file);
	free(s->path);
	free(s);
}

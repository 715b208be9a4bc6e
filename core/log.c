/* Log lines: one write each, so that lines of several threads do not mix. */
#include "core/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static _Atomic int shown = LOG_NOTICE;

void log_set_level(int level)
{
	shown = level < LOG_ERROR ? LOG_ERROR : level > LOG_DEBUG ? LOG_DEBUG : level;
}

enum log_level log_get_level(void)
{
	return (enum log_level)shown;
}

void log_line(enum log_level level, const char *format, ...)
{
	static const char *const prefix[] = {"error: ", "warning: ", "", "", "debug: "};
	char text[2048];
	va_list args;

	if ((int)level > shown)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "cmtap: %s%s\n", prefix[level], text);
}

/* Words for the person at the terminal: everything goes to standard error, nothing to the
 * documents. */
#ifndef CMTAP_CORE_LOG_H
#define CMTAP_CORE_LOG_H

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

/* What is written: messages of this level and all graver ones. LOG_NOTICE at start. */
void log_set_level(int level);
enum log_level log_get_level(void);

/* One line, prefixed `cmtap: `, with a newline added. Never from the packet path: it may block. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

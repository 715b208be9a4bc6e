/* Reading a key log file (NSS format, draft-ietf-tls-keylogfile), as browsers, curl and OpenSSL
 * write it when SSLKEYLOGFILE is set. */
#ifndef CMTAP_SENSOR_KEYLOG_H
#define CMTAP_SENSOR_KEYLOG_H

#include "core/complaint.h"
#include "dissectors/tls/secrets.h"

/* The secrets of the file, at most `most` of them; NULL with complaints when a line is wrong or the
 * file cannot be read. No complaint says what stands in the file. Whoever gets them closes them. */
struct tls_secrets *keylog_read(const char *path, uint32_t most, struct complaints *complaints);

/* The same of a file that is open; complaints call it `name`. */
struct tls_secrets *keylog_take(FILE *file, const char *name, uint32_t most,
                                struct complaints *complaints);

#endif

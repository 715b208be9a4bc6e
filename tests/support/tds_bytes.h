/* Messages of TDS for tests: what both sides say before, while and after somebody logs on. */
#ifndef CMTAP_TESTS_SUPPORT_TDS_BYTES_H
#define CMTAP_TESTS_SUPPORT_TDS_BYTES_H

#include "core/bytes.h"

#define TDS_MADE_MOST 4096

/* A message that is being written. */
struct tds_made {
	uint8_t at[TDS_MADE_MOST];
	size_t len;
};

struct bytes tds_made_view(const struct tds_made *m);

/* The content in packets of this type, each of at most so many bytes. */
struct tds_made tds_framed(uint8_t type, struct bytes content, size_t most);
struct tds_made tds_prelogin(uint8_t type, uint8_t encryption);

/* LOGIN7 with these texts; `token` is the SSPI of Windows authentication. */
struct tds_made tds_login_body(const char *user, const char *database, struct bytes token);
struct tds_made tds_login(const char *database);

/* What a server says to it: ENVCHANGE of the database, LOGINACK, DONE; or ERROR. */
struct tds_made tds_welcome(const char *database);
struct tds_made tds_refusal(void);

#endif

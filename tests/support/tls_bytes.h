/* Bytes of TLS for tests: records, and the messages of a handshake. */
#ifndef CMTAP_TESTS_SUPPORT_TLS_BYTES_H
#define CMTAP_TESTS_SUPPORT_TLS_BYTES_H

#include "core/bytes.h"

struct made {
	uint8_t at[32768];
	size_t len;
};

struct bytes made_view(const struct made *m);
void made_add(struct made *m, struct bytes bytes);

/* A record of this type with this content. */
void made_record(struct made *m, uint8_t type, struct bytes content);
/* A handshake message. */
void made_message(struct made *m, uint8_t type, struct bytes body);
/* A ClientHello of TLS 1.2 that asks for `name`, with session id of so many bytes; a ServerHello
 * with this version, suite and session id, and TLS 1.3's extensions where the version is 1.3. */
void made_client_hello(struct made *m, const char *name, uint8_t session);
void made_server_hello(struct made *m, uint16_t version, uint16_t suite, uint8_t session);
/* A Certificate message with one certificate of so many bytes; none when 0. */
void made_certificate(struct made *m, size_t size);

/* The handshake of TLS 1.2 up to ServerHelloDone, in one record each side, the rest up to both
 * Finished; and one record of application data of a side. */
void made_flight(struct made *m, bool request);
void made_finish(struct made *m);
void made_data(struct made *m, size_t size);

#endif

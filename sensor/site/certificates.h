/* Certificates that were seen, and what OpenSSL says of them.
 *
 * A list of certificates, as one side of a handshake sent it, is looked at once and then remembered
 * by its SHA-256, in a fixed number of places. Everything that does not depend on the time of the
 * handshake or on who sent it is in the record. The detector thread owns it; nothing here runs on
 * the packet path. */
#ifndef CMTAP_SENSOR_SITE_CERTIFICATES_H
#define CMTAP_SENSOR_SITE_CERTIFICATES_H

#include "core/bytes.h"
#include "core/counter.h"
#include "sensor/site/trust.h"

#define CERTIFICATE_TEXT  3072
#define CERTIFICATE_NAMES 48
#define CERTIFICATE_LISTS 8

enum certificate_weakness {
	WEAK_MD5 = 1,  /* signed with MD5 or older */
	WEAK_SHA1 = 2, /* signed with SHA-1 */
	WEAK_KEY = 4,  /* RSA below 2048 bits, or as weak */
};

/* Whether the chain ends where the operator said. */
enum certificate_chain { CHAIN_UNKNOWN, CHAIN_TRUSTED, CHAIN_UNTRUSTED };

/* What the listed CRLs say. `GOOD` holds until `good_until`. */
enum certificate_revocation { REVOCATION_UNKNOWN, REVOCATION_REVOKED, REVOCATION_GOOD };

struct certificate_words {
	struct bytes at[CERTIFICATE_LISTS];
	size_t count;
};

/* The first certificate of a list, and its chain. Texts are in `text`. */
struct certificate {
	uint8_t key[32];  /* SHA-256 of the list */
	uint8_t hash[32]; /* of the certificate */
	int64_t last_seen;
	bool readable; /* OpenSSL could parse it */
	bool self_signed, configmgr_issued, cut;
	bool has_usages, server_usage, client_usage;
	unsigned weaknesses; /* of it, and of the others but for the root's own signature */
	enum certificate_chain chain;
	enum certificate_revocation revocation;
	int64_t good_from, good_until;
	int64_t not_before, not_after;
	int key_bits;
	const char *key_algorithm, *signature_algorithm;
	struct bytes hash_text, serial, subject, issuer;
	struct certificate_words common_names, usages;
	struct bytes name[CERTIFICATE_NAMES]; /* DNS names and addresses, lower case */
	size_t name_count;
	bool has_dns_names;
	char text[CERTIFICATE_TEXT];
	size_t text_used;
};

struct certificates;

/* Room for so many. NULL when memory ran out. */
struct certificates *certificates_open(uint32_t count, struct counters *counters);
void certificates_close(struct certificates *c);

/* Chains and revocation are judged anew from now on. `trust` may be NULL and must outlive this. */
void certificates_trust(struct certificates *c, const struct trust *trust);

/* What is known of a list of certificates (each with a length of three bytes, as in TLS). Valid
 * until the next call but one. NULL when there is none in it. */
const struct certificate *certificates_find(struct certificates *c, struct bytes list, int64_t now);

/* One of its names fits this one; a star stands for the first label (RFC 9525 section 6.3). */
bool certificate_has_name(const struct certificate *certificate, struct bytes name);

#endif

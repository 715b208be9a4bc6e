/* Reading one XML payload: what the readers of the different messages share.
 *
 * The root element of a payload chooses its reader from a table; the reader's calls get every
 * element and state facts. All that they keep goes into the worker's scratch arena. */
#ifndef CMTAP_DISSECTORS_CONFIGMGR_READING_H
#define CMTAP_DISSECTORS_CONFIGMGR_READING_H

#include "dissectors/dissector.h"
#include "dissectors/xml.h"

/* Texts gathered for one TEXTS field. */
struct text_list {
	struct bytes *at;
	uint32_t *hash; /* of those that were added once */
	size_t count;
	bool cut; /* there were more */
};

struct integer_list {
	int64_t *at;
	size_t count;
	bool cut;
};

struct payload_reader;

struct reading {
	struct dissection *d;
	struct event *ev;
	enum side sender;
	bool root_seen;
	const struct payload_reader *reader; /* chosen by the root element; NULL: none knows it */
	void *state;                         /* the reader's own, zeroed */
};

struct payload_reader {
	const char *root;
	const char *type; /* configmgr.message.type that this root means; NULL leaves it */
	size_t state_size;
	void (*start)(struct reading *r, const char *element, const char *const *attributes,
	              unsigned depth);
	void (*end)(struct reading *r, const char *element, struct bytes text, unsigned depth);
	void (*finish)(struct reading *r);
};

/* Reads a payload with the reader of its root element. False when it is no XML at all. Breaches of
 * the format become facts when `whole` says that nothing is missing. */
bool payload_read(struct dissection *d, struct event *ev, enum side sender, struct bytes payload,
                  bool whole);

/* The payload begins as XML does, in any of the encodings. */
bool payload_is_text(struct bytes payload);

/* States that a message breaks its format, once an event. `what` lives as long as the program. */
void payload_malformed(struct dissection *d, struct event *ev, enum side sender, const char *what);

/* A copy of `text` in scratch memory. */
struct bytes keep_text(struct reading *r, struct bytes text);
/* Sets a text field to a copy of `text`, unless that is empty. */
void keep_field(struct reading *r, enum field f, struct bytes text);
/* Sets a text field to an attribute's value, unless that is empty or missing. */
void keep_attribute(struct reading *r, enum field f, const char *const *attributes,
                    const char *name);

/* Adds a copy of a text; with `once` only when the list does not have it, letter case aside. Empty
 * texts are added only without `once`, to keep lists that run in parallel in step. */
void text_list_add(struct reading *r, struct text_list *list, struct bytes text, bool once);
void integer_list_add(struct reading *r, struct integer_list *list, int64_t value);
/* Sets a field to the whole list, and marks it where the list was full. */
void text_list_set(struct reading *r, enum field f, const struct text_list *list);
void integer_list_set(struct reading *r, enum field f, const struct integer_list *list);

/* The host of a URL, without scheme, port and path; the text itself when it is no URL. */
struct bytes url_host(struct bytes url);

/* A client id in its one normal form, `GUID:` and upper case, with or without prefix and braces as
 * sent; empty when it is none. */
struct bytes client_guid(struct bytes text, struct arena *scratch);
void keep_guid(struct reading *r, struct bytes text);

/* An integer attribute, `otherwise` when it is missing or no integer. */
int64_t integer_attribute(const char *const *attributes, const char *name, int64_t otherwise);

/* The product generation of a version such as 5.00.9128.1000; NULL when it cannot be told. */
const char *generation_of(struct bytes version);

/* The readers of each family, ended by an entry without root. */
extern const struct payload_reader registration_readers[], policy_readers[], location_readers[],
        report_readers[], key_readers[];

#endif

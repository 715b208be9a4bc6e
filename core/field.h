/* The list of fields as C: numbers, types, names and meanings, all from fields.def. */
#ifndef CMTAP_CORE_FIELD_H
#define CMTAP_CORE_FIELD_H

#include "core/bytes.h"

#define KIND(id, service, meaning)
#define FIELD(id, name, type, setter, meaning) FIELD_##id,
enum field {
#include "core/fields.def"
	FIELD_COUNT
};
#undef KIND
#undef FIELD

#define KIND(id, service, meaning) EVENT_##id,
#define FIELD(id, name, type, setter, meaning)
enum event_kind {
#include "core/fields.def"
	EVENT_KIND_COUNT
};
#undef KIND
#undef FIELD

enum field_type {
	TYPE_TEXT,
	TYPE_TEXTS,
	TYPE_INTEGER,
	TYPE_INTEGERS,
	TYPE_BOOLEAN,
	TYPE_ADDRESS,
	TYPE_ADDRESSES,
	TYPE_TIME,
};

/* Who states a fact. The order is the order in time: what comes before SETTER_SITE is stated on the
 * packet path, the others by the detector. */
enum field_setter {
	SETTER_SENSOR,
	SETTER_HTTP,
	SETTER_AUTHENTICATION,
	SETTER_RPC,
	SETTER_SMB,
	SETTER_CONFIGMGR,
	SETTER_TLS,
	SETTER_IPSEC,
	SETTER_SQL,
	SETTER_DNS,
	SETTER_SITE,
	SETTER_BASELINE,
};

struct field_info {
	const char *name;
	enum field_type type;
	enum field_setter setter;
	const char *meaning;
};

struct event_kind_info {
	const char *service;
	const char *meaning;
};

extern const struct field_info field_info[FIELD_COUNT];
extern const struct event_kind_info event_kind_info[EVENT_KIND_COUNT];

/* The field of that exact name, or FIELD_COUNT. */
enum field field_by_name(struct bytes name);
/* The name nearest to one that does not exist, or NULL. */
const char *field_nearest_name(const char *name);

/* Whether events of any of these kinds (a bit each) may have the field. Of fields that several
 * dissectors state, or the detector, it says yes for more kinds than have them. */
bool field_is_of(enum field f, uint64_t kinds);

const char *field_type_name(enum field_type type);
const char *field_setter_name(enum field_setter setter);
/* TEXTS, INTEGERS, ADDRESSES: zero or more values. */
bool field_type_is_list(enum field_type type);

#endif

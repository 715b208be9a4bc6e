/* The tables that fields.def becomes, and the search by name. */
#include "core/field.h"

#include "core/complaint.h"

#define KIND(id, service, meaning)
#define FIELD(id, name, type, setter, meaning)                                                     \
	[FIELD_##id] = {name, TYPE_##type, SETTER_##setter, meaning},
const struct field_info field_info[FIELD_COUNT] = {
#include "core/fields.def"
};
#undef KIND
#undef FIELD

#define KIND(id, service, meaning) [EVENT_##id] = {service, meaning},
#define FIELD(id, name, type, setter, meaning)
const struct event_kind_info event_kind_info[EVENT_KIND_COUNT] = {
#include "core/fields.def"
};
#undef KIND
#undef FIELD

#define KIND(id, service, meaning)
#define FIELD(id, name, type, setter, meaning) [FIELD_##id] = sizeof(name) - 1,
static const uint8_t name_length[FIELD_COUNT] = {
#include "core/fields.def"
};
#undef KIND
#undef FIELD

enum field field_by_name(struct bytes name)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		if (name.len == name_length[f] && !memcmp(name.at, field_info[f].name, name.len))
			return (enum field)f;
	return FIELD_COUNT;
}

const char *field_nearest_name(const char *name)
{
	const char *names[FIELD_COUNT];

	for (int f = 0; f < FIELD_COUNT; f++)
		names[f] = field_info[f].name;
	return nearest_name(name, names, FIELD_COUNT);
}

#define BIT(kind) (UINT64_C(1) << EVENT_##kind)

bool field_is_of(enum field f, uint64_t kinds)
{
	/* What one dissector states is in its own events, in those of others that it carries or is
	 * carried by, and in the complaints about either. */
	static const uint64_t smb = BIT(SMB_SESSION) | BIT(SMB_TREE) | BIT(SMB_FILE);
	static const uint64_t logons = BIT(AUTHENTICATION) | BIT(HTTP) | BIT(RPC) | BIT(SQL);
	static const uint64_t complaints = BIT(MALFORMED) | BIT(LOSS);
	uint64_t of = UINT64_MAX;

	switch (field_info[f].setter) {
	case SETTER_HTTP:
		of = BIT(HTTP);
		break;
	case SETTER_AUTHENTICATION:
		of = logons | smb;
		break;
	case SETTER_RPC:
		of = BIT(RPC) | BIT(AUTHENTICATION);
		break;
	case SETTER_SMB:
		of = smb | BIT(RPC) | BIT(AUTHENTICATION);
		break;
	case SETTER_TLS:
		of = BIT(TLS);
		break;
	case SETTER_IPSEC:
		of = BIT(IPSEC);
		break;
	case SETTER_SQL:
		of = BIT(SQL);
		break;
	case SETTER_DNS:
		of = BIT(DNS);
		break;
	case SETTER_CONFIGMGR:
	case SETTER_SITE:
	case SETTER_BASELINE:
		of = ~BIT(DNS);
		break;
	case SETTER_SENSOR:
		break;
	}
	return (of | complaints) & kinds;
}

const char *field_type_name(enum field_type type)
{
	static const char *const names[] = {
	        [TYPE_TEXT] = "text",       [TYPE_TEXTS] = "texts",
	        [TYPE_INTEGER] = "integer", [TYPE_INTEGERS] = "integers",
	        [TYPE_BOOLEAN] = "boolean", [TYPE_ADDRESS] = "address",
	        [TYPE_TIME] = "time",       [TYPE_ADDRESSES] = "addresses",
	};

	return names[type];
}

const char *field_setter_name(enum field_setter setter)
{
	static const char *const names[] = {
	        [SETTER_SENSOR] = "sensor",
	        [SETTER_HTTP] = "http",
	        [SETTER_AUTHENTICATION] = "authentication",
	        [SETTER_RPC] = "dce_rpc",
	        [SETTER_SMB] = "smb",
	        [SETTER_CONFIGMGR] = "configmgr",
	        [SETTER_TLS] = "tls",
	        [SETTER_IPSEC] = "ipsec",
	        [SETTER_SQL] = "tds",
	        [SETTER_DNS] = "dns",
	        [SETTER_SITE] = "site model",
	        [SETTER_BASELINE] = "site model (compared with what is listed or learned)",
	};

	return names[setter];
}

bool field_type_is_list(enum field_type type)
{
	return type == TYPE_TEXTS || type == TYPE_INTEGERS || type == TYPE_ADDRESSES;
}

/* Policy: what a client is told to do.
 *
 * Assignments (http.md section 3.6) list policies with their place, version, flags and hash:
 *
 *    <ReplyAssignments ReplyType>
 *      <Signature><Reference PolicyAssignmentID/>...</Signature>
 *      <PolicyAssignment PolicyAssignmentID>
 *        <Policy PolicyID PolicyVersion PolicyType PolicyCategory PolicyFlags>
 *          <PolicyLocation PolicyHash PolicyHashEx>http://<mp>/SMS_MP/.sms_pol?...</PolicyLocation>
 */
#include "dissectors/configmgr/policy.h"

#include "dissectors/configmgr/reading.h"

struct assignments {
	struct text_list id, version, category, hash, host;
	struct integer_list flags;
	bool hashes; /* at least one policy has one */
	int64_t policies, assignments, signatures;
};

/* The hash of the policy that was begun last, at its place in the list. */
static void keep_hash(struct reading *r, struct assignments *a, struct bytes hash)
{
	struct bytes *place = a->hash.count ? &a->hash.at[a->hash.count - 1] : NULL;

	if (place && a->policies == (int64_t)a->hash.count && !place->len)
		*place = keep_text(r, hash);
	a->hashes |= hash.len > 0;
}

static void assignments_start(struct reading *r, const char *element, const char *const *attributes,
                              unsigned depth)
{
	struct assignments *a = r->state;

	if (!depth) {
		keep_attribute(r, FIELD_CONFIGMGR_POLICY_REPLY_TYPE, attributes, "ReplyType");
	} else if (!strcmp(element, "Reference")) {
		a->signatures++;
	} else if (!strcmp(element, "PolicyAssignment")) {
		a->assignments++;
	} else if (!strcmp(element, "Policy")) {
		a->policies++;
		text_list_add(r, &a->id, xml_attribute(attributes, "PolicyID"), false);
		text_list_add(r, &a->version, xml_attribute(attributes, "PolicyVersion"), false);
		text_list_add(r, &a->hash, (struct bytes){0}, false);
		text_list_add(r, &a->category, xml_attribute(attributes, "PolicyCategory"), true);
		integer_list_add(r, &a->flags, integer_attribute(attributes, "PolicyFlags", 0));
	} else if (!strcmp(element, "PolicyLocation")) {
		keep_hash(r, a, xml_attribute(attributes, "PolicyHash"));
	}
}

static void assignments_end(struct reading *r, const char *element, struct bytes text,
                            unsigned depth)
{
	struct assignments *a = r->state;

	(void)depth;
	if (!strcmp(element, "PolicyLocation"))
		text_list_add(r, &a->host, url_host(bytes_trim(text)), true);
	else if (!strcmp(element, "ClientID"))
		keep_guid(r, text);
	else if (!strcmp(element, "PolicySource") && bytes_starts_with_fold(text, BYTES("SMS:")))
		keep_field(r, FIELD_CONFIGMGR_SITE_CODE, bytes_slice(text, 4, text.len));
}

static void assignments_finish(struct reading *r)
{
	struct assignments *a = r->state;

	event_set_integer(r->ev, FIELD_CONFIGMGR_POLICY_COUNT, a->policies);
	text_list_set(r, FIELD_CONFIGMGR_POLICY_ID, &a->id);
	text_list_set(r, FIELD_CONFIGMGR_POLICY_VERSION, &a->version);
	text_list_set(r, FIELD_CONFIGMGR_POLICY_CATEGORY, &a->category);
	if (a->hashes)
		text_list_set(r, FIELD_CONFIGMGR_POLICY_HASH, &a->hash);
	text_list_set(r, FIELD_CONFIGMGR_POLICY_LOCATION, &a->host);
	integer_list_set(r, FIELD_CONFIGMGR_POLICY_FLAGS, &a->flags);
	if (a->assignments)
		event_set_boolean(r->ev, FIELD_CONFIGMGR_POLICY_SIGNED,
		                  a->signatures >= a->assignments);
}

static void request_start(struct reading *r, const char *element, const char *const *attributes,
                          unsigned depth)
{
	(void)element;
	if (!depth)
		keep_attribute(r, FIELD_CONFIGMGR_POLICY_REQUEST_TYPE, attributes, "RequestType");
}

static void request_end(struct reading *r, const char *element, struct bytes text, unsigned depth)
{
	(void)depth;
	if (!strcmp(element, "ClientID"))
		keep_guid(r, text);
	else if (!strcmp(element, "FQDN"))
		keep_field(r, FIELD_CONFIGMGR_CLIENT_FQDN, text);
	else if (!strcmp(element, "NetBIOSName"))
		keep_field(r, FIELD_CONFIGMGR_CLIENT_NAME, text);
	else if (!strcmp(element, "PolicySource") && bytes_starts_with_fold(text, BYTES("SMS:")))
		keep_field(r, FIELD_CONFIGMGR_SITE_CODE, bytes_slice(text, 4, text.len));
}

const struct payload_reader policy_readers[] = {
        {"RequestAssignments", "policy_assignment", 0, request_start, request_end, NULL},
        {"ReplyAssignments", "policy_assignment", sizeof(struct assignments), assignments_start,
         assignments_end, assignments_finish},
        {0},
};

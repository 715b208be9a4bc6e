/* What clients upload about themselves: inventory, discovery, state, metering, status.
 *
 *    <Report><ReportHeader>                                          (http.md sections 3.9, 3.10)
 *        <Identification><Machine>ClientInstalled, ClientType, ClientID, ClientVersion, ...
 *        <ReportDetails>ReportContent, ReportType</ReportDetails>
 *        <InventoryAction>InventoryActionID</InventoryAction></ReportHeader>
 *      <ReportBody>...</ReportBody></Report>
 *    <Status SchemaVersion>...</Status> */
#include "dissectors/configmgr/reading.h"

/* The last digits of an inventory action's id say what was collected. */
static const struct {
	const char *id, *action, *type;
} actions[] = {
        {"{00000000-0000-0000-0000-000000000001}", "hardware-inventory", "hardware_inventory"},
        {"{00000000-0000-0000-0000-000000000002}", "software-inventory", "software_inventory"},
        {"{00000000-0000-0000-0000-000000000003}", "discovery", "discovery"},
        {"{00000000-0000-0000-0000-000000000010}", "file-collection", "file_collection"},
};

static const struct {
	const char *content, *type;
} contents[] = {
        {"Inventory Data", "inventory"},
        {"State Message Data", "state_message"},
        {"Software Metering Data", "metering"},
};

/* Only the first of each counts: a report may quote another in its body. */
static bool first(const struct reading *r, enum field f)
{
	return !event_has(r->ev, f);
}

static void set_content(struct reading *r, struct bytes text)
{
	keep_field(r, FIELD_CONFIGMGR_REPORT_CONTENT, text);
	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++)
		if (bytes_equal_fold(text, bytes_of(contents[i].content)))
			event_set_name(r->ev, FIELD_CONFIGMGR_MESSAGE_TYPE, contents[i].type);
}

static void set_action(struct reading *r, struct bytes text)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		if (!bytes_equal_fold(text, bytes_of(actions[i].id)))
			continue;
		event_set_name(r->ev, FIELD_CONFIGMGR_REPORT_ACTION, actions[i].action);
		event_set_name(r->ev, FIELD_CONFIGMGR_MESSAGE_TYPE, actions[i].type);
	}
}

/* What has been read of a report. */
struct report {
	size_t header_end; /* place behind the header; 0: not reached */
};

/* All facts stand in the header. Of the body, an inventory of some hundred kilobytes, only the
 * beginning is read, to see that it is well-formed. */
static bool body_is_enough(struct reading *r)
{
	const struct report *report = r->state;
	struct workbench *bench = r->d->bench;

	if (!report->header_end ||
	    xml_position(bench->xml) < report->header_end + bench->limits.report_body)
		return false;
	count(bench->counters, COUNTER_XML_REPORT_OVER_CAP);
	xml_enough(bench->xml);
	return true;
}

static void report_start(struct reading *r, const char *element, const char *const *attributes,
                         unsigned depth)
{
	(void)depth;
	if (body_is_enough(r))
		return;
	if (!strcmp(element, "Site") && first(r, FIELD_CONFIGMGR_SITE_CODE))
		keep_attribute(r, FIELD_CONFIGMGR_SITE_CODE, attributes, "Code");
}

static void report_end(struct reading *r, const char *element, struct bytes text, unsigned depth)
{
	struct report *report = r->state;
	int64_t number;

	(void)depth;
	if (report->header_end)
		return;
	text = bytes_trim(text);
	if (!strcmp(element, "ClientID") && first(r, FIELD_CONFIGMGR_CLIENT_GUID)) {
		keep_guid(r, text);
	} else if (!strcmp(element, "ClientVersion") && first(r, FIELD_CONFIGMGR_CLIENT_VERSION)) {
		keep_field(r, FIELD_CONFIGMGR_CLIENT_VERSION, text);
		event_set_name(r->ev, FIELD_CONFIGMGR_GENERATION, generation_of(text));
	} else if (!strcmp(element, "ClientType") && first(r, FIELD_CONFIGMGR_CLIENT_TYPE)) {
		if (bytes_to_i64(text, &number))
			event_set_integer(r->ev, FIELD_CONFIGMGR_CLIENT_TYPE, number);
	} else if (!strcmp(element, "ClientInstalled")) {
		if (first(r, FIELD_CONFIGMGR_REPORT_CLIENT_INSTALLED))
			event_set_boolean(r->ev, FIELD_CONFIGMGR_REPORT_CLIENT_INSTALLED,
			                  bytes_equal(text, BYTES("1")));
	} else if (!strcmp(element, "NetBIOSName") && first(r, FIELD_CONFIGMGR_CLIENT_NAME)) {
		keep_field(r, FIELD_CONFIGMGR_CLIENT_NAME, text);
	} else if (!strcmp(element, "ReportContent") && first(r, FIELD_CONFIGMGR_REPORT_CONTENT)) {
		set_content(r, text);
	} else if (!strcmp(element, "ReportType") && first(r, FIELD_CONFIGMGR_REPORT_TYPE)) {
		keep_field(r, FIELD_CONFIGMGR_REPORT_TYPE, text);
	} else if (!strcmp(element, "InventoryActionID") &&
	           first(r, FIELD_CONFIGMGR_REPORT_ACTION)) {
		set_action(r, text);
	} else if (!strcmp(element, "ReportHeader")) {
		report->header_end = xml_position(r->d->bench->xml);
	}
}

const struct payload_reader report_readers[] = {
        {"Report", NULL, sizeof(struct report), report_start, report_end, NULL},
        {"Status", "status_message", 0, NULL, NULL, NULL},
        {"UploadRequest", "upload_request", 0, NULL, NULL, NULL},
        {"UploadReply", "upload_request", 0, NULL, NULL, NULL},
        {0},
};

/* Fuzzes what ConfigMgr says inside HTTP: frames of CCM messages, policy, locations, registration,
 * reports, keys, listings.
 *
 *    target 1 | options 1 | length of the request 2 | request | reply
 *
 * HTTP around it is always right, so that all of the input reaches the readers. With OPTION_MESSAGE
 * request and reply are the payloads of CCM messages, as UTF-8, and the frame is right too.
 * Seeds: seed_configmgr.py makes them from captures. */
#include "tests/fuzz/conversation.h"

#include <stdio.h>

#define ROOM     (1u << 18)
#define BOUNDARY "aAbBcCdDv1234567890VxXyYzZ"

enum {
	OPTION_MESSAGE = 0x01,
	OPTION_PARTIAL = 0x02, /* status 206 */
	OPTION_CUT = 0x04,     /* the reply ends early */
};

/* What is asked for, and the endpoint of a message. seed_configmgr.py has the same order. */
static const struct {
	const char *method, *target, *endpoint;
} targets[] = {
        {"CCM_POST", "/ccm_system/request", "MP_PolicyManager"},
        {"CCM_POST", "/ccm_system/request", "MP_LocationManager"},
        {"CCM_POST", "/ccm_system_windowsauth/request", "MP_ClientRegistration"},
        {"CCM_POST", "/ccm_system/request", "MP_HinvEndpoint"},
        {"CCM_POST", "/ccm_system/request", "MP_RelayEndpoint"},
        {"GET", "/SMS_MP/.sms_aut?MPLIST", NULL},
        {"GET", "/SMS_MP/.sms_aut?MPCERT2", NULL},
        {"GET", "/SMS_MP/.sms_aut?MPKEYINFORMATIONEX", NULL},
        {"GET", "/SMS_MP/.sms_aut?MPTRK", NULL},
        {"GET", "/SMS_MP/.sms_aut?SITESIGNCERT", NULL},
        {"GET", "/SMS_MP/.sms_aut?MPLOCATION&ir=192.0.2.1", NULL},
        {"GET", "/SMS_MP/.sms_pol?{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B1030}.5_00", NULL},
        {"BITS_POST", "/ccm_incoming/{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B1030}", NULL},
        {"POST", "/SMS_FSP/.sms_fsp", NULL},
        {"PROPFIND", "/SMS_DP_SMSPKG$/PS100001", NULL},
        {"POST", "/ClientWebService/client.asmx", NULL},
};

struct text {
	uint8_t at[ROOM];
	size_t len;
};

static void add(struct text *to, struct bytes bytes)
{
	size_t n = bytes.len < ROOM - to->len ? bytes.len : ROOM - to->len;

	if (n)
		memcpy(to->at + to->len, bytes.at, n);
	to->len += n;
}

static void add_utf16(struct text *to, struct bytes bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		add(to, (struct bytes){(const uint8_t[]){bytes.at[i], 0}, 2});
}

static void add_message(struct text *to, const char *endpoint, struct bytes payload)
{
	char msg[512];
	int n = snprintf(msg, sizeof(msg),
	                 "<Msg SchemaVersion=\"1.1\"><Body Type=\"ByteRange\" Length=\"%zu\" "
	                 "Offset=\"0\"/><ID>{7D0C2C3E-51B4-4B1F-9A39-0E1B5D0D7A11}</ID>"
	                 "<Payload Type=\"inline\"/><ReplyMode>Sync</ReplyMode>"
	                 "<SourceHost>WS0042</SourceHost><TargetEndpoint>%s</TargetEndpoint></Msg>",
	                 2 * payload.len + 2, endpoint);

	add(to,
	    BYTES("--" BOUNDARY "\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n\xff\xfe"));
	add_utf16(to, (struct bytes){(const uint8_t *)msg, (size_t)n});
	add(to, BYTES("\r\n--" BOUNDARY "\r\ncontent-type: application/octet-stream\r\n\r\n"));
	add_utf16(to, payload);
	add(to, BYTES("\0\0\r\n\r\n--" BOUNDARY "--"));
}

static void send_head(struct trial *t, enum side side, const char *first, size_t length)
{
	char head[512];
	int n = snprintf(head, sizeof(head),
	                 "%s\r\nHost: cm01.corp.example\r\nContent-Type: multipart/mixed; "
	                 "boundary=\"" BOUNDARY "\"\r\nContent-Length: %zu\r\n\r\n",
	                 first, length);

	trial_send(t, side, (struct bytes){(const uint8_t *)head, (size_t)n});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text body;
	struct trial *t = conversation_begin();
	struct reader r = reader_over((struct bytes){data, size});
	unsigned target = reader_u8(&r) % (sizeof(targets) / sizeof(*targets));
	uint8_t options = reader_u8(&r);
	size_t length = reader_u16be(&r);
	struct bytes request = reader_take(&r, length < reader_left(&r) ? length : reader_left(&r));
	struct bytes reply = reader_take(&r, reader_left(&r));
	bool message = options & OPTION_MESSAGE && targets[target].endpoint;
	char line[256];

	trial_handshake(t);
	body.len = 0;
	if (message)
		add_message(&body, targets[target].endpoint, request);
	else
		add(&body, request);
	snprintf(line, sizeof(line), "%s %s HTTP/1.1", targets[target].method,
	         targets[target].target);
	send_head(t, CLIENT, line, body.len);
	trial_send_in_pieces(t, CLIENT, (struct bytes){body.at, body.len}, 1460);

	body.len = 0;
	if (message)
		add_message(&body, "SccmMessaging", reply);
	else
		add(&body, reply);
	send_head(t, SERVER,
	          options & OPTION_PARTIAL ? "HTTP/1.1 206 Partial Content\r\n"
	                                     "Content-Range: bytes 0-99/200"
	                                   : "HTTP/1.1 200 OK",
	          body.len);
	if (options & OPTION_CUT)
		body.len /= 2;
	trial_send_in_pieces(t, SERVER, (struct bytes){body.at, body.len}, 1460);
	conversation_end(t);
	return 0;
}

/* Where ConfigMgr's roles are addressed: the table of all paths. */
#ifndef CMTAP_DISSECTORS_CONFIGMGR_ENDPOINT_H
#define CMTAP_DISSECTORS_CONFIGMGR_ENDPOINT_H

#include "core/bytes.h"

/* How a transaction with an endpoint is read. */
enum endpoint_reader {
	READ_NOTHING,  /* the head says all there is to say */
	READ_AUTH,     /* .sms_aut: lists, certificates, keys */
	READ_POLICY,   /* .sms_pol: policy bodies */
	READ_MESSAGE,  /* CCM messages in multipart bodies */
	READ_UPLOAD,   /* BITS uploads */
	READ_CONTENT,  /* distribution point content */
	READ_UPDATE,   /* WSUS web services */
	READ_FALLBACK, /* fallback status point: a bare report */
};

struct configmgr_endpoint {
	struct bytes directory; /* first part of the path, lower case, without its variants; may end
	                         * in * */
	const char *rest;       /* the path behind it, lower case; NULL: anything */
	enum endpoint_reader reader;
	const char *role; /* as in the site file */
	const char *type; /* configmgr.message.type, unless the body says it better */
};

/* What the first part of a path says besides the directory itself. */
struct endpoint_path {
	const struct configmgr_endpoint *endpoint; /* NULL: not ConfigMgr's */
	bool windows_auth, token_auth, alternate_auth, no_certificate;
	char drive;        /* of a 2003/2007 content directory, else 0 */
	struct bytes rest; /* the path behind the directory, with its slash */
};

/* Classifies a percent-decoded path. Letter case does not count (IIS). */
struct endpoint_path endpoint_find(struct bytes path);

#endif

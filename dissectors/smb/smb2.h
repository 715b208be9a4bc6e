/* The parts of SMB 2 and 3: header, requests, replies. */
#ifndef CMTAP_DISSECTORS_SMB_SMB2_H
#define CMTAP_DISSECTORS_SMB_SMB2_H

#include "dissectors/smb/smb.h"

#define SMB2_HEADER 64

/* MS-SMB2 section 2.2.1.2 */
enum smb2_command {
	SMB2_NEGOTIATE,
	SMB2_SESSION_SETUP,
	SMB2_LOGOFF,
	SMB2_TREE_CONNECT,
	SMB2_TREE_DISCONNECT,
	SMB2_CREATE,
	SMB2_CLOSE,
	SMB2_FLUSH,
	SMB2_READ,
	SMB2_WRITE,
	SMB2_LOCK,
	SMB2_IOCTL,
	SMB2_CANCEL,
	SMB2_ECHO,
	SMB2_QUERY_DIRECTORY,
	SMB2_CHANGE_NOTIFY,
	SMB2_QUERY_INFO,
	SMB2_SET_INFO,
	SMB2_OPLOCK_BREAK,
};

#define SMB2_FLAGS_SERVER_TO_REDIR    0x1u
#define SMB2_FLAGS_ASYNC_COMMAND      0x2u
#define SMB2_FLAGS_RELATED_OPERATIONS 0x4u
#define SMB2_FLAGS_SIGNED             0x8u

struct smb2_header {
	uint16_t command;
	uint32_t status, flags, next, tree_id;
	uint64_t message_id, session_id;
	bool is_signed; /* the flag, and a signature */
};

/* A reader over the body of the message. */
static inline struct reader smb2_body(const struct smb_message *m)
{
	return reader_over(bytes_slice(m->in, SMB2_HEADER, m->in.len));
}

/* A text in UTF-16LE, by its place in the message, as UTF-8 in scratch. */
struct bytes smb_utf16(struct dissection *d, struct bytes text);

void smb2_request(struct dissection *d, const struct smb2_header *h, struct smb_message *m);
void smb2_reply(struct dissection *d, const struct smb2_header *h, struct smb_message *m);
/* smb2_negotiate.c */
void smb2_negotiate_request(struct dissection *d, struct smb_message *m);
void smb2_negotiate_reply(struct dissection *d, struct smb_message *m);

#endif

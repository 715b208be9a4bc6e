/* What is known of one logon, as facts. */
#include "dissectors/auth/logon.h"

void logon_token(struct dissection *d, struct logon *logon, enum side from, struct bytes token)
{
	(void)d;
	(void)logon;
	(void)from;
	(void)token;
}

void logon_responses(struct dissection *d, struct logon *logon, struct bytes challenge,
                     struct bytes lm, struct bytes nt, struct bytes user, struct bytes domain)
{
	(void)d;
	(void)logon;
	(void)challenge;
	(void)lm;
	(void)nt;
	(void)user;
	(void)domain;
}

void logon_lost(struct logon *logon)
{
	logon->unseen = true;
}

void logon_answered(struct logon *logon, bool accepted)
{
	logon->outcome = accepted ? LOGON_ACCEPTED : LOGON_REFUSED;
}

void logon_facts(const struct logon *logon, struct event *ev)
{
	(void)logon;
	(void)ev;
}

void logon_account_facts(const struct logon_account *account, struct event *ev)
{
	(void)account;
	(void)ev;
}

void logon_emit(struct dissection *d, struct logon *logon, const char *carrier,
                void (*more)(const void *context, struct event *ev), const void *context)
{
	(void)d;
	(void)logon;
	(void)carrier;
	(void)more;
	(void)context;
}

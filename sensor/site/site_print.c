/* What was learned, for people: as a site file to review, and as a few lines of the summary. */
#include "sensor/site/site_private.h"

#include <stdlib.h>

static int compare_servers(const void *a, const void *b)
{
	const struct learned_server *const *x = a, *const *y = b;
	int code = strcmp((*x)->code, (*y)->code);

	return code ? code : memcmp((*x)->address.at, (*y)->address.at, sizeof((*x)->address.at));
}

/* Servers that answered in a role; of others only TLS was seen. */
static const struct learned_server **sorted_servers(const struct site_model *m, uint32_t *count)
{
	const struct learned_server **sorted = calloc(m->server_count + 1, sizeof(*sorted));

	*count = 0;
	for (uint32_t i = 0; sorted && i < m->server_count; i++)
		if (m->server[i].roles)
			sorted[(*count)++] = &m->server[i];
	if (sorted)
		qsort(sorted, *count, sizeof(*sorted), compare_servers);
	return sorted;
}

static void print_roles(uint32_t roles, FILE *to)
{
	const char *between = "";

	for (int role = 0; role < ROLE_COUNT; role++) {
		if (!(roles >> role & 1))
			continue;
		fprintf(to, "%s%s", between, site_role_name((enum site_role)role));
		between = ", ";
	}
}

void site_model_print(const struct site_model *m, FILE *to)
{
	uint32_t count;
	const struct learned_server **sorted = sorted_servers(m, &count);
	const char *code = NULL;

	fprintf(to,
	        "# Learned by cmtap from traffic. Review every line: an attacker's server may be "
	        "among them.\nsites:%s\n",
	        count ? "" : " []");
	for (uint32_t i = 0; sorted && i < count; i++) {
		const struct learned_server *s = sorted[i];
		char text[ADDRESS_TEXT_MAX];

		if (!code || strcmp(code, s->code) != 0)
			fprintf(to, "  - code: %s%s\n    mode: %s\n    servers:\n",
			        s->code[0] ? s->code : "XXX",
			        s->code[0] ? "" : "   # no message named the site; fill it in",
			        s->https_only ? "https" : "http");
		code = s->code;
		if (s->name.len)
			fprintf(to, "      - name: %.*s\n        addresses: [\"%s\"]\n",
			        s->name.len, s->name.text, address_print(s->address, text));
		else
			fprintf(to, "      - addresses: [\"%s\"]\n",
			        address_print(s->address, text));
		fprintf(to, "        roles: [");
		print_roles(s->roles, to);
		fprintf(to, "]   # answered %u%s client%s\n", s->clients.count,
		        s->clients.count == WITNESSES_MAX ? " or more" : "",
		        s->clients.count == 1 ? "" : "s");
	}
	free(sorted);
}

void site_model_summary(const struct site_model *m, FILE *to)
{
	uint32_t count;
	const struct learned_server **sorted = sorted_servers(m, &count);

	for (uint32_t i = 0; sorted && i < count; i++) {
		const struct learned_server *s = sorted[i];
		char text[ADDRESS_TEXT_MAX];
		const struct site_server *listed =
		        m->listed ? site_file_by_address(m->listed, s->address) : NULL;

		fprintf(to, "  %-4s %-24s %.*s%s", s->code[0] ? s->code : "?",
		        address_print(s->address, text), s->name.len, s->name.text,
		        s->name.len ? "  " : "");
		print_roles(s->roles, to);
		fprintf(to, "%s\n", !m->listed ? "" : listed ? "  (listed)" : "  (NOT listed)");
	}
	free(sorted);
	site_pairs_summary(m, to);
}

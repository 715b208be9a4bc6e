/* Reading which addresses may use which account. */
#include "sensor/site/site_reading.h"

#include <string.h>

static void read_account_kind(struct site_reading *r, const struct yaml_node *node, int kind)
{
	struct site_file *sites = r->sites;

	if (site_left_out(node))
		return;
	if (node->kind != YAML_MAPPING) {
		site_wrong(r, node, "this is no mapping", "account names with their addresses");
		return;
	}

	struct site_account *at =
	        site_take(r, node, sites->account_count + node->count, sizeof(*at));

	if (!at)
		return;
	if (sites->account_count)
		memcpy(at, sites->account, sites->account_count * sizeof(*at));
	sites->account = at;
	for (size_t i = 0; i < node->count; i++) {
		struct site_addresses list = site_read_addresses(r, node->item[i]);
		struct site_account *account = &at[sites->account_count++];

		account->kind = kind;
		account->name = site_copy_text(r, node->key[i]);
		account->address = list.at;
		account->address_count = list.count;
	}
}

static void read_computer(struct site_reading *r, const struct yaml_node *node, void *to)
{
	(void)to;
	read_account_kind(r, node, ACCOUNT_COMPUTER);
}

static void read_push(struct site_reading *r, const struct yaml_node *node, void *to)
{
	(void)to;
	read_account_kind(r, node, ACCOUNT_PUSH);
}

static void read_sender(struct site_reading *r, const struct yaml_node *node, void *to)
{
	(void)to;
	read_account_kind(r, node, ACCOUNT_SENDER);
}

void site_read_accounts(struct site_reading *r, const struct yaml_node *node, void *to)
{
	static const struct site_key keys[] = {
	        {"computer", read_computer, 0},
	        {"push", read_push, 0},
	        {"sender", read_sender, 0},
	};

	READ_KEYS(r, node, "accounts", keys, to);
}

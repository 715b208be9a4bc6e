/* The site file: what the operator knows of the sites.
 *
 * Read once at start (and anew at reload), then read-only. Every key of the format is read and
 * checked here, also those that only later parts of the sensor use. */
#ifndef CMTAP_SENSOR_SITE_SITE_FILE_H
#define CMTAP_SENSOR_SITE_SITE_FILE_H

#include "core/address.h"
#include "core/complaint.h"

/* ROLE(id, name): the roles of site systems, in the words of the site file. */
#define SITE_ROLES(ROLE)                                                                           \
	ROLE(SITE_SERVER, "site-server")                                                           \
	ROLE(SITE_DATABASE, "site-database")                                                       \
	ROLE(SMS_PROVIDER, "sms-provider")                                                         \
	ROLE(MANAGEMENT_POINT, "management-point")                                                 \
	ROLE(DISTRIBUTION_POINT, "distribution-point")                                             \
	ROLE(BRANCH_DISTRIBUTION_POINT, "branch-distribution-point")                               \
	ROLE(SOFTWARE_UPDATE_POINT, "software-update-point")                                       \
	ROLE(FALLBACK_STATUS_POINT, "fallback-status-point")                                       \
	ROLE(STATE_MIGRATION_POINT, "state-migration-point")                                       \
	ROLE(SERVER_LOCATOR_POINT, "server-locator-point")                                         \
	ROLE(PXE_POINT, "pxe-point")                                                               \
	ROLE(REPORTING_POINT, "reporting-point")                                                   \
	ROLE(ENROLLMENT_POINT, "enrollment-point")                                                 \
	ROLE(NOTIFICATION_SERVER, "notification-server")

#define SITE_ROLE_ENUM(id, name) ROLE_##id,
enum site_role { SITE_ROLES(SITE_ROLE_ENUM) ROLE_COUNT };
#undef SITE_ROLE_ENUM

/* The role of that name, or ROLE_COUNT. */
enum site_role site_role_by_name(struct bytes name);
const char *site_role_name(enum site_role role);

/* Texts and addresses live as long as the site file. */
struct site_texts {
	const char *const *at;
	size_t count;
};

struct site_ports {
	uint16_t http[8], https[8], sql[8];
	uint8_t http_count, https_count, sql_count;
};

struct site_server {
	const char *name; /* NULL: only addresses are known */
	const struct address *address;
	size_t address_count;
	uint32_t roles; /* bits, by enum site_role; 0: the operator did not say */
	struct site_texts macs, certificates, shares;
	const char *initiates; /* site-server, self, or NULL */
	struct site_ports ports;
	const struct site *site;
};

struct site {
	const char *code;
	const char *mode; /* http, enhanced, https, or NULL */
	struct site_server *server;
	size_t server_count;
};

/* Who may use an account, by account name. */
struct site_account {
	enum { ACCOUNT_COMPUTER, ACCOUNT_PUSH, ACCOUNT_SENDER } kind;
	const char *name;
	const struct address *address;
	size_t address_count;
};

struct site_networks {
	const struct network *at;
	size_t count;
};

/* One address of a listed server. */
struct site_place {
	struct address address;
	const struct site_server *server;
	size_t order; /* in the file: of two servers with one address the first counts */
};

struct trust;

struct site_file {
	const char *file;
	struct site *site;
	size_t site_count;
	struct site_account *account;
	size_t account_count;
	struct site_networks domain_controllers, dns, wins, dhcp, pxe;
	struct site_networks imaging, shared_addresses;
	struct site_texts anchors, crls; /* paths, made relative to the file */
	const struct network (*ipsec)[2];
	size_t ipsec_count;
	uint32_t listed_roles; /* roles that at least one server has */
	struct site_place *place;
	size_t places;       /* of all servers, by address */
	struct trust *trust; /* what is in those files */
	void *memory;
};

/* Reads a site file; NULL with complaints when something in it is wrong. */
struct site_file *site_file_read(const char *file, struct complaints *complaints);
void site_file_free(struct site_file *sites);

/* Puts the addresses of all servers in order, once they are read. False when memory ran out. */
bool site_file_order(struct site_file *sites);

/* The server with that address, or NULL. */
const struct site_server *site_file_by_address(const struct site_file *sites, struct address a);
/* Whether IPsec is required between the two. */
bool site_file_requires_ipsec(const struct site_file *sites, struct address a, struct address b);
/* The server with that name: full name, or its first label when one of the two is only that; or an
 * address as text. Letter case does not count. NULL when it is not listed. */
const struct site_server *site_file_by_name(const struct site_file *sites, struct bytes name);
/* The name up to its first dot. */
struct bytes site_first_label(struct bytes name);
/* Full names are compared whole; a bare host name fits a full one that begins with it. */
bool site_names_fit(struct bytes a, struct bytes b);
/* The listed server may act in this role: it is listed with it, or without any. */
bool site_server_has_role(const struct site_server *server, enum site_role role);

#endif

/* Names of IKE's numbers, as IANA's registries have them in "Internet Key Exchange (IKE)
 * Attributes" and "IKEv2 Parameters", and of vendor ids, which are MD5 of the string they stand
 * for. Lower case; sizes in the name where they are part of it. */
#include "dissectors/ipsec/ike_numbers.h"

#include "dissectors/ipsec/vendor_ids.h"

struct name {
	uint16_t number;
	const char *name;
};

static const struct name exchanges[] = {
        {IKE_BASE, "base"},
        {IKE_MAIN_MODE, "main-mode"},
        {IKE_AGGRESSIVE_MODE, "aggressive-mode"},
        {IKE_INFORMATIONAL_1, "informational"},
        {IKE_QUICK_MODE, "quick-mode"},
        {IKE_NEW_GROUP, "new-group-mode"},
        {IKE_SA_INIT, "ike-sa-init"},
        {IKE_AUTH, "ike-auth"},
        {IKE_CREATE_CHILD_SA, "create-child-sa"},
        {IKE_INFORMATIONAL_2, "informational"},
        {AUTHIP_MAIN_MODE, "authip-main-mode"},
        {AUTHIP_QUICK_MODE, "authip-quick-mode"},
        {AUTHIP_EXTENDED_MODE, "authip-extended-mode"},
        {AUTHIP_NOTIFY, "authip-notify"},
};

static const struct name encryption_1[] = {
        {1, "des-cbc"},  {2, "idea-cbc"}, {3, "blowfish-cbc"}, {4, "rc5-cbc"},
        {5, "3des-cbc"}, {6, "cast-cbc"}, {7, "aes-cbc"},      {8, "camellia-cbc"},
};

static const struct name hash_1[] = {
        {1, "md5"}, {2, "sha1"}, {3, "tiger"}, {4, "sha2-256"}, {5, "sha2-384"}, {6, "sha2-512"},
};

static const struct name authentication_1[] = {
        {1, "psk"},
        {2, "dss-signature"},
        {3, "rsa-signature"},
        {4, "rsa-encryption"},
        {5, "revised-rsa-encryption"},
        {9, "ecdsa-256"},
        {10, "ecdsa-384"},
        {11, "ecdsa-521"},
        {64221, "hybrid-rsa"},
        {65001, "xauth-psk"},
        {65005, "xauth-rsa"},
};

static const struct name encryption_2[] = {
        {1, "des-iv64"},           {2, "des-cbc"},
        {3, "3des-cbc"},           {4, "rc5-cbc"},
        {5, "idea-cbc"},           {6, "cast-cbc"},
        {7, "blowfish-cbc"},       {8, "3idea"},
        {9, "des-iv32"},           {11, "null"},
        {12, "aes-cbc"},           {13, "aes-ctr"},
        {14, "aes-ccm-8"},         {15, "aes-ccm-12"},
        {16, "aes-ccm-16"},        {18, "aes-gcm-8"},
        {19, "aes-gcm-12"},        {20, "aes-gcm-16"},
        {21, "null-aes-gmac"},     {23, "camellia-cbc"},
        {24, "camellia-ctr"},      {25, "camellia-ccm-8"},
        {26, "camellia-ccm-12"},   {27, "camellia-ccm-16"},
        {28, "chacha20-poly1305"},
};

static const struct name prf_2[] = {
        {1, "hmac-md5"},      {2, "hmac-sha1"},     {3, "hmac-tiger"},    {4, "aes128-xcbc"},
        {5, "hmac-sha2-256"}, {6, "hmac-sha2-384"}, {7, "hmac-sha2-512"}, {8, "aes128-cmac"},
};

static const struct name integrity_2[] = {
        {0, "none"},
        {1, "hmac-md5-96"},
        {2, "hmac-sha1-96"},
        {3, "des-mac"},
        {4, "kpdk-md5"},
        {5, "aes-xcbc-96"},
        {6, "hmac-md5-128"},
        {7, "hmac-sha1-160"},
        {8, "aes-cmac-96"},
        {9, "aes128-gmac"},
        {10, "aes192-gmac"},
        {11, "aes256-gmac"},
        {12, "hmac-sha2-256-128"},
        {13, "hmac-sha2-384-192"},
        {14, "hmac-sha2-512-256"},
};

static const struct name groups[] = {
        {0, "none"},           {1, "modp-768"},       {2, "modp-1024"},      {3, "ec2n-155"},
        {4, "ec2n-185"},       {5, "modp-1536"},      {14, "modp-2048"},     {15, "modp-3072"},
        {16, "modp-4096"},     {17, "modp-6144"},     {18, "modp-8192"},     {19, "ecp-256"},
        {20, "ecp-384"},       {21, "ecp-521"},       {22, "modp-1024-160"}, {23, "modp-2048-224"},
        {24, "modp-2048-256"}, {25, "ecp-192"},       {26, "ecp-224"},       {27, "brainpool-224"},
        {28, "brainpool-256"}, {29, "brainpool-384"}, {30, "brainpool-512"}, {31, "x25519"},
        {32, "x448"},          {35, "ml-kem-512"},    {36, "ml-kem-768"},    {37, "ml-kem-1024"},
};

static const struct name notify_1[] = {
        {1, "invalid-payload-type"},    {4, "invalid-cookie"},
        {7, "invalid-exchange-type"},   {13, "attributes-not-supported"},
        {14, "no-proposal-chosen"},     {15, "bad-proposal-syntax"},
        {16, "payload-malformed"},      {17, "invalid-key-information"},
        {18, "invalid-id-information"}, {24, "authentication-failed"},
        {25, "invalid-signature"},      {30, "unequal-payload-lengths"},
        {24576, "responder-lifetime"},  {24577, "replay-status"},
        {24578, "initial-contact"},
};

static const struct name notify_2[] = {
        {1, "unsupported-critical-payload"},
        {4, "invalid-ike-spi"},
        {5, "invalid-major-version"},
        {7, "invalid-syntax"},
        {9, "invalid-message-id"},
        {11, "invalid-spi"},
        {14, "no-proposal-chosen"},
        {17, "invalid-ke-payload"},
        {24, "authentication-failed"},
        {34, "single-pair-required"},
        {35, "no-additional-sas"},
        {38, "ts-unacceptable"},
        {43, "temporary-failure"},
        {44, "child-sa-not-found"},
        {16384, "initial-contact"},
        {16388, "nat-detection-source-ip"},
        {16389, "nat-detection-destination-ip"},
        {16390, "cookie"},
        {16391, "use-transport-mode"},
        {16404, "multiple-auth-supported"},
        {16406, "redirect-supported"},
        {16418, "childless-ikev2-supported"},
        {16430, "ikev2-fragmentation-supported"},
        {16431, "signature-hash-algorithms"},
};

#define TABLE(names)                                                                               \
	{                                                                                          \
		names, sizeof(names) / sizeof(*(names))                                            \
	}
static const struct {
	const struct name *names;
	size_t count;
} tables[IKE_NUMBERS] = {
        [IKE_EXCHANGE] = TABLE(exchanges),
        [IKE1_ENCRYPTION] = TABLE(encryption_1),
        [IKE1_HASH] = TABLE(hash_1),
        [IKE1_AUTHENTICATION] = TABLE(authentication_1),
        [IKE2_ENCRYPTION] = TABLE(encryption_2),
        [IKE2_PRF] = TABLE(prf_2),
        [IKE2_INTEGRITY] = TABLE(integrity_2),
        [IKE_GROUP] = TABLE(groups),
        [IKE1_NOTIFY] = TABLE(notify_1),
        [IKE2_NOTIFY] = TABLE(notify_2),
};

const char *ike_name(enum ike_numbers kind, uint16_t number)
{
	for (size_t i = 0; i < tables[kind].count; i++)
		if (tables[kind].names[i].number == number)
			return tables[kind].names[i].name;
	return NULL;
}

const char *ike_vendor(struct bytes id)
{
	for (size_t i = 0; i < sizeof(vendor_ids) / sizeof(*vendor_ids); i++)
		if (id.len >= vendor_ids[i].length &&
		    !memcmp(id.at, vendor_ids[i].id, vendor_ids[i].length))
			return vendor_ids[i].name;
	return NULL;
}

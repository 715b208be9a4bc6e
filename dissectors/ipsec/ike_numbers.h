/* The numbers of IKE and their names. */
#ifndef CMTAP_DISSECTORS_IPSEC_IKE_NUMBERS_H
#define CMTAP_DISSECTORS_IPSEC_IKE_NUMBERS_H

#include "core/bytes.h"

/* Exchange types, of both versions and of AuthIP. */
enum ike_exchange_type {
	IKE_BASE = 1,
	IKE_MAIN_MODE = 2,
	IKE_AGGRESSIVE_MODE = 4,
	IKE_INFORMATIONAL_1 = 5,
	IKE_QUICK_MODE = 32,
	IKE_NEW_GROUP = 33,
	IKE_SA_INIT = 34,
	IKE_AUTH = 35,
	IKE_CREATE_CHILD_SA = 36,
	IKE_INFORMATIONAL_2 = 37,
	AUTHIP_MAIN_MODE = 243,
	AUTHIP_QUICK_MODE = 244,
	AUTHIP_EXTENDED_MODE = 245,
	AUTHIP_NOTIFY = 246,
};

/* What a number of one kind means. */
enum ike_numbers {
	IKE_EXCHANGE,
	IKE1_ENCRYPTION,
	IKE1_HASH,
	IKE1_AUTHENTICATION,
	IKE2_ENCRYPTION,
	IKE2_PRF,
	IKE2_INTEGRITY,
	IKE_GROUP,
	IKE1_NOTIFY,
	IKE2_NOTIFY,
	IKE_NUMBERS
};

/* NULL where the number has no name here. */
const char *ike_name(enum ike_numbers kind, uint16_t number);

/* The name of a vendor id; NULL for those that are not known. */
const char *ike_vendor(struct bytes id);

#endif

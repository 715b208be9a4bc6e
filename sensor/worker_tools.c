/* The tools of dissectors, made at start. */
#include "sensor/worker_tools.h"

#include "dissectors/digest.h"
#include "dissectors/inflate.h"
#include "dissectors/tls/crypto.h"
#include "dissectors/tls/fingerprint_cache.h"
#include "dissectors/tls/secrets.h"
#include "dissectors/xml.h"

static bool open_secrets(struct workbench *bench, const struct tls_secrets *secrets)
{
	bench->secrets = secrets;
	if (!secrets)
		return true;
	counter_add(bench->counters, COUNTER_TLS_SECRETS, tls_secrets_count(secrets));
	counter_add(bench->counters, COUNTER_TLS_SECRETS_OVER_CAP, tls_secrets_left_out(secrets));
	bench->crypto = tls_crypto_open();
	return bench->crypto;
}

bool worker_tools_open(struct workbench *bench, const struct config *config,
                       const struct tls_secrets *secrets)
{
	bench->inflater = inflater_open();
	bench->xml =
	        xml_open((unsigned)config->limits.xml_depth, (unsigned)config->limits.xml_elements);
	bench->fingerprints = tls_fingerprints_open();
	return bench->inflater && bench->xml && bench->fingerprints && open_secrets(bench, secrets);
}

void worker_tools_close(struct workbench *bench)
{
	tls_crypto_close(bench->crypto);
	tls_fingerprints_close(bench->fingerprints);
	xml_close(bench->xml);
	inflater_close(bench->inflater);
}

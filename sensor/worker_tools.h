/* What a workbench has besides memory: digests, decompression, XML, and decryption where there is a
 * key log file. */
#ifndef CMTAP_SENSOR_WORKER_TOOLS_H
#define CMTAP_SENSOR_WORKER_TOOLS_H

#include "dissectors/dissector.h"
#include "sensor/config.h"

/* Makes everything beforehand, so that nothing allocates later. `secrets` may be NULL and stays the
 * caller's. False when memory ran out; what was made is given back by closing all the same. */
bool worker_tools_open(struct workbench *bench, const struct config *config,
                       const struct tls_secrets *secrets);
void worker_tools_close(struct workbench *bench);

#endif

/* What the config says, in the form in which the parts of a worker take it. */
#ifndef CMTAP_SENSOR_WORKER_LIMITS_H
#define CMTAP_SENSOR_WORKER_LIMITS_H

#include "sensor/config.h"
#include "sensor/packet/stream.h"
#include "sensor/packet/traffic.h"

struct worker_limits {
	struct flow_limits flows;
	struct stream_limits streams;
	struct decode_limits decode;
	struct traffic_limits traffic;
	struct dissector_limits dissectors;
};

struct worker_limits worker_limits_of(const struct config *config);

#endif

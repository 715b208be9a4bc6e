/* The commands that analyse nothing. Each returns the exit status. */
#ifndef CMTAP_SENSOR_COMMANDS_H
#define CMTAP_SENSOR_COMMANDS_H

#include "sensor/options.h"

/* cmtap fields */
int command_fields(void);

/* cmtap signatures list|show|check */
int command_signatures(const struct options *options);

#endif

/* Unpacking of gzip'ed files as they are read. The owner of the input owns its unpacker. */
#ifndef CMTAP_SENSOR_CAPTURE_UNPACK_H
#define CMTAP_SENSOR_CAPTURE_UNPACK_H

#include "sensor/capture/input.h"

/* Where packed bytes come from: up to `room` of them; the input's own read. */
typedef enum input_status unpack_source(struct input *in, uint8_t *to, size_t room, size_t *got);

/* NULL when there is no memory. `first` are packed bytes that were read already, at most `size`,
 * the size of the buffer for packed bytes. */
struct unpacker *unpacker_new(struct bytes first, size_t size);
void unpacker_free(struct unpacker *u);

/* Unpacks up to `room` bytes; INPUT_FAILED leaves the reason in `in->problem`. */
enum input_status unpack(struct unpacker *u, struct input *in, unpack_source *source, uint8_t *to,
                         size_t room, size_t *got);

#endif

/* Windows of an index: what building and searching share. */
#ifndef CMTAP_SIGNATURES_SIGMA_INDEX_WINDOW_H
#define CMTAP_SIGNATURES_SIGMA_INDEX_WINDOW_H

#include "core/hash.h"
#include "signatures/sigma/index.h"

static inline uint32_t window_load(const uint8_t *at, unsigned size)
{
	uint32_t four;
	uint16_t two;

	if (size == 4) {
		memcpy(&four, at, sizeof(four));
		return four;
	}
	if (size == 1)
		return *at;
	memcpy(&two, at, sizeof(two));
	return two;
}

/* Windows at an end of a value lie less than this many bytes away from it. */
#define WINDOW_DISTANCES 32

/* Makes the same bytes at another distance another window. */
static inline uint32_t window_at_distance(uint32_t window, uint32_t distance)
{
	return window ^ distance * UINT32_C(0x85ebca6b);
}

static inline uint32_t window_hash(uint32_t window)
{
	return window * UINT32_C(0x9e3779b1) >> 11;
}

static inline bool windows_may_hold(const struct windows *w, uint32_t window)
{
	uint32_t bit = window_hash(window) & w->filter_mask;

	return w->filter[bit / 64] >> (bit % 64) & 1;
}

static inline const struct window_slot *windows_find(const struct windows *w, uint32_t window)
{
	for (uint32_t i = window_hash(window) & w->slot_mask; w->slot[i].count;
	     i = (i + 1) & w->slot_mask)
		if (w->slot[i].window == window)
			return &w->slot[i];
	return NULL;
}

static inline uint64_t integer_hash(int64_t value)
{
	return hash_bytes((struct bytes){(const uint8_t *)&value, sizeof(value)});
}

#endif

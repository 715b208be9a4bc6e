/* Counting in little memory, roughly: events of groups that were given up (count-min), and distinct
 * values when they are too many to keep (HyperLogLog). One thread owns a sketch. */
#ifndef CMTAP_SIGNATURES_SIGMA_SKETCH_H
#define CMTAP_SIGNATURES_SIGMA_SKETCH_H

#include "core/bytes.h"

/* A hash that is the same in every process, for what ends up in numbers that alerts tell: replaying
 * a capture must give the same ones. SipHash-2-4, whose key is no secret here. */
uint64_t steady_hash(struct bytes b);

#define SKETCH_ROWS    4
#define SKETCH_COLUMNS 4096

/* Two generations: the one that is filled, and the one before. A generation lasts half a span, so
 * both together never reach further back than a span. */
struct sketch {
	uint32_t cell[2][SKETCH_ROWS][SKETCH_COLUMNS];
	uint64_t total[2];
	double squares[2][SKETCH_ROWS]; /* of all cells: how far they stray from their mean */
	int64_t start[2];               /* when each generation began */
	unsigned current;
};

/* Remembers that a group with this hash had `weight` events when it was given up at `now`. */
void sketch_add(struct sketch *s, uint64_t hash, uint32_t weight, int64_t now, int64_t span);
/* Takes back what is remembered of a group, less what is likely to be of others: rather too little
 * than too much. */
uint32_t sketch_take(struct sketch *s, uint64_t hash, int64_t now, int64_t span);

#define HYPERLOGLOG_REGISTERS 256

/* The register of a value, and the rank that the value gives it. */
unsigned hyperloglog_register(uint64_t hash);
uint8_t hyperloglog_rank(uint64_t hash);
uint64_t hyperloglog_estimate(const uint8_t rank[HYPERLOGLOG_REGISTERS]);

#endif

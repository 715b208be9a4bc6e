/* Count-min with the noise taken off (Deng and Rafiei's variant), and HyperLogLog with linear
 * counting for small numbers. One thread owns a sketch. */
#include "signatures/sigma/sketch.h"

#include <math.h>

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

uint64_t steady_hash(struct bytes b)
{
	uint64_t v[4] = {UINT64_C(0x736f6d6570736575), UINT64_C(0x646f72616e646f6d),
	                 UINT64_C(0x6c7967656e657261), UINT64_C(0x7465646279746573)};
	uint64_t word = 0;
	size_t i = 0;

	for (; i + 8 <= b.len; i += 8) {
		memcpy(&word, b.at + i, 8);
		sip_word(v, word);
	}
	word = (uint64_t)b.len << 56;
	for (unsigned k = 0; i < b.len; i++, k += 8)
		word |= (uint64_t)b.at[i] << k;
	sip_word(v, word);
	v[2] ^= 0xff;
	for (int k = 0; k < 4; k++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void generation_start(struct sketch *s, int64_t now)
{
	s->current = !s->current;
	memset(s->cell[s->current], 0, sizeof(s->cell[s->current]));
	s->total[s->current] = 0;
	memset(s->squares[s->current], 0, sizeof(s->squares[s->current]));
	s->start[s->current] = now;
}

static void generations_follow(struct sketch *s, int64_t now, int64_t span)
{
	int64_t age = now - s->start[s->current];

	if (age >= 0 && age <= span / 2)
		return;
	if (age < 0 || age > span) /* time went back, or nothing happened for long */
		generation_start(s, now);
	generation_start(s, now);
}

/* Independent enough columns from one 64-bit hash. */
static uint32_t column(uint64_t hash, unsigned row)
{
	return (uint32_t)(hash >> (12 * row)) % SKETCH_COLUMNS;
}

static void cell_set(struct sketch *s, unsigned generation, unsigned row, uint64_t hash,
                     uint32_t value)
{
	uint32_t *cell = &s->cell[generation][row][column(hash, row)];

	s->squares[generation][row] += (double)value * value - (double)*cell * *cell;
	*cell = value;
}

void sketch_add(struct sketch *s, uint64_t hash, uint32_t weight, int64_t now, int64_t span)
{
	generations_follow(s, now, span);
	s->total[s->current] += weight;
	for (unsigned row = 0; row < SKETCH_ROWS; row++) {
		uint32_t cell = s->cell[s->current][row][column(hash, row)];

		cell_set(s, s->current, row, hash,
		         weight > UINT32_MAX - cell ? UINT32_MAX : cell + weight);
	}
}

/* The least of the rows, each less the mean of its cells and three times as much as they stray from
 * it. */
static uint32_t estimate_in(const struct sketch *s, unsigned generation, uint64_t hash)
{
	double mean = (double)s->total[generation] / SKETCH_COLUMNS, least = HUGE_VAL;

	for (unsigned row = 0; row < SKETCH_ROWS; row++) {
		double cell = s->cell[generation][row][column(hash, row)];
		double variance = s->squares[generation][row] / SKETCH_COLUMNS - mean * mean;
		double rest = cell - mean - 3 * sqrt(variance > 0 ? variance : 0);

		least = rest < least ? rest : least;
	}
	return least > 0 ? (uint32_t)least : 0;
}

static uint32_t take_from(struct sketch *s, unsigned generation, uint64_t hash)
{
	uint32_t weight = s->total[generation] ? estimate_in(s, generation, hash) : 0;

	for (unsigned row = 0; row < SKETCH_ROWS && weight; row++)
		cell_set(s, generation, row, hash,
		         s->cell[generation][row][column(hash, row)] - weight);
	s->total[generation] -= weight;
	return weight;
}

uint32_t sketch_take(struct sketch *s, uint64_t hash, int64_t now, int64_t span)
{
	generations_follow(s, now, span);
	return take_from(s, 0, hash) + take_from(s, 1, hash);
}

unsigned hyperloglog_register(uint64_t hash)
{
	return (unsigned)(hash % HYPERLOGLOG_REGISTERS);
}

uint8_t hyperloglog_rank(uint64_t hash)
{
	uint64_t rest = hash / HYPERLOGLOG_REGISTERS;

	return rest ? (uint8_t)(__builtin_ctzll(rest) + 1) : 57;
}

uint64_t hyperloglog_estimate(const uint8_t rank[HYPERLOGLOG_REGISTERS])
{
	const double m = HYPERLOGLOG_REGISTERS, alpha = 0.7213 / (1 + 1.079 / m);
	double sum = 0, empty = 0;

	for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++) {
		sum += ldexp(1, -rank[i]);
		empty += rank[i] == 0;
	}

	double estimate = alpha * m * m / sum;

	if (estimate <= 2.5 * m && empty > 0)
		estimate = m * log(m / empty);
	return (uint64_t)llround(estimate);
}

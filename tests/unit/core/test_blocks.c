/* Chains of blocks: what goes in comes out, and no block is ever lost. */
#include "core/blocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define BLOCKS 16

static struct blocks pool;
static struct arena scratch;
static uint8_t pattern[BLOCKS * BLOCK_SIZE + 1];

static int open_pool(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 7 + i / 251);
	return !blocks_open(&pool, BLOCKS) || !arena_open(&scratch, 1 << 20);
}

static int close_pool(void **state)
{
	(void)state;
	assert_int_equal(pool.used, 0);
	blocks_close(&pool);
	arena_close(&scratch);
	return 0;
}

static struct bytes piece(size_t from, size_t len)
{
	return (struct bytes){pattern + from, len};
}

static void assert_holds(const struct chain *chain, size_t from, size_t len)
{
	struct bytes view = chain_view(&pool, chain, &scratch);

	assert_int_equal(chain->len, len);
	assert_int_equal(view.len, len);
	if (len)
		assert_memory_equal(view.at, pattern + from, len);
	arena_reset(&scratch);
}

static void what_fits_a_block_is_changed_in_place(void **state)
{
	struct chain chain = {0};
	uint8_t *place = chain_piece(&pool, &chain, &scratch);

	(void)state;
	assert_null(place);
	assert_true(chain_append(&pool, &chain, piece(0, BLOCK_SIZE)));
	place = chain_piece(&pool, &chain, &scratch);
	place[0]++;
	assert_int_equal(chain_view(&pool, &chain, &scratch).at[0], pattern[0] + 1);
	place[0]--;
	assert_true(chain_append(&pool, &chain, piece(BLOCK_SIZE, 5)));
	assert_holds(&chain, 0, BLOCK_SIZE + 5);
	/* Of more than one block it is a copy. */
	place = chain_piece(&pool, &chain, &scratch);
	place[0]++;
	assert_holds(&chain, 0, BLOCK_SIZE + 5);
	chain_free(&pool, &chain);
}

static void an_empty_chain_has_no_bytes_and_no_blocks(void **state)
{
	struct chain chain = {0};

	(void)state;
	assert_holds(&chain, 0, 0);
	assert_true(chain_append(&pool, &chain, (struct bytes){0}));
	assert_int_equal(pool.used, 0);
	chain_free(&pool, &chain);
	chain_free(&pool, &chain);
}

static void one_block_is_viewed_where_it_lies(void **state)
{
	struct chain chain = {0};

	(void)state;
	assert_true(chain_append(&pool, &chain, piece(0, BLOCK_SIZE)));
	assert_holds(&chain, 0, BLOCK_SIZE);
	chain_view(&pool, &chain, &scratch);
	assert_int_equal(scratch.used, 0);
	chain_free(&pool, &chain);
}

static void pieces_of_every_size_follow_each_other(void **state)
{
	static const size_t sizes[] = {1, 7, 100, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1, 5000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct chain chain = {0};
		size_t at = 0;

		while (at + sizes[i] <= 5 * BLOCK_SIZE) {
			assert_true(chain_append(&pool, &chain, piece(at, sizes[i])));
			at += sizes[i];
		}
		assert_holds(&chain, 0, at);
		assert_int_equal(pool.used, (at + BLOCK_SIZE - 1) / BLOCK_SIZE);
		chain_free(&pool, &chain);
		assert_int_equal(pool.used, 0);
	}
}

static void exhaustion_leaves_the_chain_as_it_was(void **state)
{
	struct chain chain = {0}, other = {0};

	(void)state;
	assert_true(chain_append(&pool, &chain, piece(0, 3000)));
	assert_true(chain_append(&pool, &other, piece(0, (BLOCKS - 3) * BLOCK_SIZE)));
	/* One block is left, and a thousand bytes in the last of the chain: this needs two. */
	assert_false(chain_append(&pool, &chain, piece(3000, 1096 + BLOCK_SIZE + 1)));
	assert_int_equal(pool.refused, 1);
	assert_int_equal(pool.used, BLOCKS - 1);
	assert_holds(&chain, 0, 3000);
	/* What fits still goes in. */
	assert_true(chain_append(&pool, &chain, piece(3000, 1096 + BLOCK_SIZE)));
	assert_holds(&chain, 0, 3 * BLOCK_SIZE);
	assert_false(chain_append(&pool, &other, piece(0, 1)));
	chain_free(&pool, &chain);
	chain_free(&pool, &other);
}

static void a_full_pool_lets_half_filled_blocks_be_filled(void **state)
{
	struct chain chain = {0};

	(void)state;
	assert_true(chain_append(&pool, &chain, piece(0, BLOCKS * BLOCK_SIZE - 10)));
	assert_false(chain_append(&pool, &chain, piece(0, 11)));
	assert_true(chain_append(&pool, &chain, piece(BLOCKS * BLOCK_SIZE - 10, 10)));
	assert_holds(&chain, 0, BLOCKS * BLOCK_SIZE);
	chain_free(&pool, &chain);
}

static void freed_blocks_are_used_again(void **state)
{
	(void)state;
	for (int round = 0; round < 1000; round++) {
		struct chain chain = {0};

		assert_true(chain_append(&pool, &chain, piece(0, BLOCKS * BLOCK_SIZE)));
		assert_holds(&chain, 0, BLOCKS * BLOCK_SIZE);
		chain_free(&pool, &chain);
	}
	assert_int_equal(pool.peak, BLOCKS);
	assert_int_equal(pool.refused, 0);
}

static void a_view_that_does_not_fit_is_empty(void **state)
{
	struct chain chain = {0};
	struct arena tiny;

	(void)state;
	assert_true(arena_open(&tiny, 4096));
	assert_true(chain_append(&pool, &chain, piece(0, 5000)));
	assert_int_equal(chain_view(&pool, &chain, &tiny).len, 0);
	assert_int_equal(tiny.refused, 1);
	chain_free(&pool, &chain);
	arena_close(&tiny);
}

/* Many chains at once, against plain arrays. */
static void chains_of_many_owners_never_mix_or_lose_blocks(void **state)
{
	struct chain chain[6] = {{0}};
	size_t from[6] = {0}, len[6] = {0};

	(void)state;
	srand(4711);
	for (int round = 0; round < 20000; round++) {
		unsigned i = (unsigned)rand() % 6, blocks = 0;
		size_t n = (size_t)rand() % 4000;

		if (rand() % 5 == 0) {
			chain_free(&pool, &chain[i]);
			from[i] = (size_t)rand() % 4096;
			len[i] = 0;
		} else if (from[i] + len[i] + n < sizeof(pattern) &&
		           chain_append(&pool, &chain[i], piece(from[i] + len[i], n))) {
			len[i] += n;
		}
		assert_holds(&chain[i], from[i], len[i]);
		for (int c = 0; c < 6; c++)
			blocks += (unsigned)((len[c] + BLOCK_SIZE - 1) / BLOCK_SIZE);
		assert_int_equal(pool.used, blocks);
	}
	assert_true(pool.refused > 0);
	for (int c = 0; c < 6; c++) {
		assert_holds(&chain[c], from[c], len[c]);
		chain_free(&pool, &chain[c]);
	}
	/* All are there again. */
	assert_true(chain_append(&pool, &chain[0], piece(0, BLOCKS * BLOCK_SIZE)));
	chain_free(&pool, &chain[0]);
}

static void single_blocks_are_zeroed_linked_and_given_back_together(void **state)
{
	uint32_t last = 0;

	(void)state;
	for (int i = 0; i < BLOCKS; i++) {
		last = block_take(&pool, last);
		assert_true(last);
		for (size_t at = 0; at < BLOCK_SIZE; at++)
			assert_int_equal(block_at(&pool, last)[at], 0);
		memset(block_at(&pool, last), 0xff, BLOCK_SIZE);
	}
	assert_int_equal(pool.used, BLOCKS);
	assert_int_equal(block_take(&pool, last), 0);
	block_give(&pool, last);
	assert_int_equal(pool.used, 0);
	block_give(&pool, 0);
	last = block_take(&pool, 0);
	assert_int_equal(block_at(&pool, last)[0], 0);
	block_give(&pool, last);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_fits_a_block_is_changed_in_place),
	        TEST(an_empty_chain_has_no_bytes_and_no_blocks),
	        TEST(one_block_is_viewed_where_it_lies),
	        TEST(pieces_of_every_size_follow_each_other),
	        TEST(exhaustion_leaves_the_chain_as_it_was),
	        TEST(a_full_pool_lets_half_filled_blocks_be_filled),
	        TEST(freed_blocks_are_used_again),
	        TEST(a_view_that_does_not_fit_is_empty),
	        TEST(single_blocks_are_zeroed_linked_and_given_back_together),
	        TEST(chains_of_many_owners_never_mix_or_lose_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

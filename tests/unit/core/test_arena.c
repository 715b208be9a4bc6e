/* Arenas: alignment, the end of the room, and going back. */
#include "core/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct arena arena;

static int open_small(void **state)
{
	(void)state;
	return !arena_open(&arena, 4096);
}

static int close_it(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

static void every_piece_is_aligned_for_any_type(void **state)
{
	(void)state;
	for (size_t n = 1; n < 40; n++) {
		uint8_t *at = arena_alloc(&arena, n);

		assert_non_null(at);
		assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
		memset(at, 0xff, n);
	}
}

static void pieces_do_not_overlap(void **state)
{
	uint8_t *a = arena_alloc(&arena, 17), *b = arena_alloc(&arena, 1);

	(void)state;
	assert_true(b >= a + 17);
}

static void a_full_arena_refuses_and_counts(void **state)
{
	(void)state;
	assert_non_null(arena_alloc(&arena, 4096));
	assert_int_equal(arena.refused, 0);
	assert_null(arena_alloc(&arena, 1));
	assert_int_equal(arena.refused, 1);
	assert_int_equal(arena_copy(&arena, BYTES("abc")).len, 0);
	assert_int_equal(arena.refused, 2);
	assert_int_equal(arena_print(&arena, "%d", 5).len, 0);
	assert_int_equal(arena.refused, 3);
}

static void what_does_not_fit_takes_nothing(void **state)
{
	(void)state;
	assert_null(arena_alloc(&arena, 4097));
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_alloc(&arena, SIZE_MAX - 15));
	assert_non_null(arena_alloc(&arena, 4096));
}

static void a_nearly_full_arena_does_not_wrap(void **state)
{
	(void)state;
	assert_non_null(arena_alloc(&arena, 4090));
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_alloc(&arena, 1));
}

static void a_copy_is_the_callers_own(void **state)
{
	uint8_t source[] = {'a', 'b', 'c'};
	struct bytes copy = arena_copy(&arena, (struct bytes){source, 3});

	(void)state;
	source[0] = 'x';
	assert_true(bytes_equal(copy, BYTES("abc")));
	assert_int_equal(arena_copy(&arena, (struct bytes){0}).len, 0);
	assert_int_equal(arena.refused, 0);
}

static void printed_text_has_the_length_of_its_letters(void **state)
{
	(void)state;
	assert_true(
	        bytes_equal(arena_print(&arena, "%s is %d", "answer", 42), BYTES("answer is 42")));
	assert_int_equal(arena_print(&arena, "%s", "").len, 0);
}

static void a_reset_arena_is_new(void **state)
{
	void *first = arena_alloc(&arena, 4096);

	(void)state;
	arena_reset(&arena);
	assert_ptr_equal(arena_alloc(&arena, 4096), first);
}

static void returning_to_a_mark_gives_back_what_came_after(void **state)
{
	uint8_t *kept = arena_alloc(&arena, 16), *dropped;
	size_t mark = arena_mark(&arena);

	(void)state;
	memset(kept, 0x5a, 16);
	dropped = arena_alloc(&arena, 4000);
	assert_non_null(dropped);
	arena_return(&arena, mark);
	assert_ptr_equal(arena_alloc(&arena, 16), dropped);
	for (int i = 0; i < 16; i++)
		assert_int_equal(kept[i], 0x5a);
}

static void a_size_that_no_machine_has_is_refused(void **state)
{
	struct arena big;

	(void)state;
	assert_false(arena_open(&big, SIZE_MAX / 2));
	assert_null(arena_alloc(&big, 1));
	arena_close(&big);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_small, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(every_piece_is_aligned_for_any_type),
	        TEST(pieces_do_not_overlap),
	        TEST(a_full_arena_refuses_and_counts),
	        TEST(what_does_not_fit_takes_nothing),
	        TEST(a_nearly_full_arena_does_not_wrap),
	        TEST(a_copy_is_the_callers_own),
	        TEST(printed_text_has_the_length_of_its_letters),
	        TEST(a_reset_arena_is_new),
	        TEST(returning_to_a_mark_gives_back_what_came_after),
	        cmocka_unit_test(a_size_that_no_machine_has_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "check_main.h"
#include "gaps.h"

/* How long an instance that is not needed is kept, as learned from the gaps before. */

enum { MAX = 20 };

#define PRICE    20.0
#define NO_LIMIT INFINITY

/* `high` are needed for 10 s, then `low` for gap s, again and again; each step is one second.
 * Returns the instance-seconds that were kept without need in the last of the cycles. */
static double play(Gaps *g, double *t, unsigned low, unsigned high, unsigned gap, unsigned cycles) {
        double kept = 0;

        for (unsigned c = 0; c < cycles; c++) {
                double total = high;
                kept = 0;
                for (unsigned i = 0; i < 10; i++, (*t)++)
                        gaps_learn(g, *t, high, MAX, PRICE);
                for (unsigned i = 0; i < gap; i++, (*t)++) {
                        total = gaps_keep(g, *t, low, total, MAX, PRICE, NO_LIMIT);
                        kept += total - low;
                        gaps_learn(g, *t, low, MAX, PRICE);
                }
        }
        return kept;
}

START_TEST(short_gaps_are_bridged_once_they_are_known) {
        Gaps g = { 0 };
        double t = 1000;

        play(&g, &t, 3, 8, 12, 5);
        ck_assert_double_eq(play(&g, &t, 3, 8, 12, 1), 5 * 12);
}
END_TEST

START_TEST(long_gaps_are_not_waited_for) {
        Gaps g = { 0 };
        double t = 1000;

        play(&g, &t, 3, 8, 120, 5);
        ck_assert_double_eq(play(&g, &t, 3, 8, 120, 1), 0);
}
END_TEST

START_TEST(what_was_learned_is_forgotten_when_the_load_changes) {
        Gaps g = { 0 };
        double t = 1000;

        play(&g, &t, 3, 8, 12, 20);
        /* ski rental: until then no gap costs more than the longest hold */
        ck_assert_double_le(play(&g, &t, 3, 8, 120, 1), 5 * 82);
        play(&g, &t, 3, 8, 120, 20);
        ck_assert_double_eq(play(&g, &t, 3, 8, 120, 1), 0);
}
END_TEST

START_TEST(each_level_has_a_gap_of_its_own) {
        Gaps g = { 0 };
        double t = 1000, total = 12;

        /* a sawtooth: 12, then 1, 2 ... 12 in steps of 8 s; the second is needed again after 8 s,
         * the last after 88 s */
        for (unsigned i = 0; i < 20 * 96; i++, t++)
                gaps_learn(&g, t, 1 + i / 8 % 12, MAX, PRICE);
        total = gaps_keep(&g, t, 1, total, MAX, PRICE, NO_LIMIT);
        ck_assert_double_ge(total, 2);
        ck_assert_double_le(total, 6);
}
END_TEST

START_TEST(nothing_is_kept_beyond_what_there_is_or_for_longer_than_the_limit) {
        Gaps g = { 0 };
        double t = 1000;

        play(&g, &t, 3, 8, 12, 10);
        gaps_learn(&g, t, 8, MAX, PRICE);
        gaps_learn(&g, t + 1, 3, MAX, PRICE);
        ck_assert_double_eq(gaps_keep(&g, t + 2, 3, 6, MAX, PRICE, NO_LIMIT), 6);
        ck_assert_double_eq(gaps_keep(&g, t + 2, 7, 6, MAX, PRICE, NO_LIMIT), 7);
        ck_assert_double_eq(gaps_keep(&g, t + 7, 3, 8, MAX, PRICE, 5), 3);
}
END_TEST

START_TEST(large_fleets_are_learned_in_coarser_levels) {
        Gaps g = { 0 };

        for (double t = 1000; t < 1400; t++)
                gaps_learn(&g, t, fmod(t, 20) < 10 ? 9000 : 100, 10000, PRICE);
        double kept = gaps_keep(&g, 1400, 100, 9000, 10000, PRICE, NO_LIMIT);
        ck_assert_double_ge(kept, 8000);
        ck_assert_double_le(kept, 9000);
}
END_TEST

CHECK_MAIN("gaps", TEST(short_gaps_are_bridged_once_they_are_known),
                TEST(long_gaps_are_not_waited_for),
                TEST(what_was_learned_is_forgotten_when_the_load_changes),
                TEST(each_level_has_a_gap_of_its_own),
                TEST(nothing_is_kept_beyond_what_there_is_or_for_longer_than_the_limit),
                TEST(large_fleets_are_learned_in_coarser_levels))

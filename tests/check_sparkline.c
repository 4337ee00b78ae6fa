/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "check_main.h"
#include "sparkline.h"

static void assert_ends(const History *h, const char *end) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        history_draw(h, &b);
        ck_assert_msg(endswith(strbuf_string(&b), end), "'%s' ends not in '%s'", strbuf_string(&b),
                        end);
}

START_TEST(an_empty_history_is_blank) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        const History h = { 0 };
        history_draw(&h, &b);
        ck_assert_uint_eq(b.len, HISTORY_SIZE);
        ck_assert_uint_eq(strspn(strbuf_string(&b), " "), HISTORY_SIZE);
}
END_TEST

START_TEST(the_largest_value_has_the_highest_bar) {
        History h = { 0 };
        history_add(&h, 0);
        history_add(&h, 1);
        history_add(&h, 700);
        assert_ends(&h, " ▁▂█");
}
END_TEST

START_TEST(zeros_are_the_lowest_bars) {
        History h = { 0 };
        history_add(&h, 0);
        history_add(&h, 0);
        assert_ends(&h, " ▁▁");
}
END_TEST

START_TEST(what_is_old_goes) {
        History h = { 0 };
        history_add(&h, 1e9);
        for (int i = 0; i < HISTORY_SIZE; i++)
                history_add(&h, 1);
        assert_ends(&h, "███");
}
END_TEST

START_TEST(what_is_no_number_counts_as_nothing) {
        History h = { 0 };
        history_add(&h, NAN);
        history_add(&h, INFINITY);
        history_add(&h, -1);
        history_add(&h, 2);
        assert_ends(&h, " ▁▁▁█");
}
END_TEST

CHECK_MAIN("sparkline", TEST(an_empty_history_is_blank),
                TEST(the_largest_value_has_the_highest_bar), TEST(zeros_are_the_lowest_bars),
                TEST(what_is_old_goes), TEST(what_is_no_number_counts_as_nothing))

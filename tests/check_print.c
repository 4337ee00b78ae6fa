/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "check_main.h"
#include "print.h"

START_TEST(members_are_separated_by_commas) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        json_open(&b, '[');
        for (int i = 0; i < 2; i++) {
                json_open(&b, '{');
                json_string(&b, "a", "x");
                json_count(&b, "b", 3);
                json_bool(&b, "c", true);
                json_close(&b, '}');
        }
        json_close(&b, ']');
        ck_assert_str_eq(strbuf_string(&b),
                        "[{\"a\":\"x\",\"b\":3,\"c\":true},{\"a\":\"x\",\"b\":3,\"c\":true}]");
}
END_TEST

START_TEST(nothing_in_a_string_ends_it) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        json_open(&b, '{');
        json_string(&b, "a", "\"\\\n\x1b,");
        json_string(&b, "b", "");
        json_close(&b, '}');
        ck_assert_str_eq(strbuf_string(&b), "{\"a\":\"\\\"\\\\\\u000a\\u001b,\",\"b\":\"\"}");
}
END_TEST

START_TEST(unknown_numbers_are_null) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        json_open(&b, '{');
        json_number(&b, "a", -1);
        json_number(&b, "b", NAN);
        json_number(&b, "c", INFINITY);
        json_number(&b, "d", 0.5);
        json_close(&b, '}');
        ck_assert_str_eq(strbuf_string(&b), "{\"a\":null,\"b\":null,\"c\":null,\"d\":0.5}");
}
END_TEST

START_TEST(only_a_terminal_gets_colors) {
        /* standard output of a test is a file or a pipe, or NO_COLOR decides */
        ck_assert_int_eq(setenv("NO_COLOR", "1", 1), 0);
        ck_assert_str_eq(color(COLOR_BAD), "");
}
END_TEST

CHECK_MAIN("print", TEST(members_are_separated_by_commas), TEST(nothing_in_a_string_ends_it),
                TEST(unknown_numbers_are_null), TEST(only_a_terminal_gets_colors))

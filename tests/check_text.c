/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>

#include "check_main.h"
#include "macro.h"
#include "text.h"

START_TEST(characters_are_as_long_as_utf_8_makes_them) {
        static const struct {
                const char *text;
                size_t n;
        } rows[] = {
                { "a", 1 },
                { "\xc3\xa9", 2 },
                { "\xe2\x82\xac", 3 },
                { "\xf0\x9f\x98\x80", 4 },
                { "\xff", 1 },
                { "\xc3", 1 },     /* cut */
                { "\xc3(", 1 },    /* not continued */
                { "\xc0\xaf", 1 }, /* overlong */
                { "\x80", 1 },     /* continues nothing */
                { "\xf5\x80\x80\x80", 1 },
                { "\xe0\x88\x90", 1 },     /* overlong, too */
                { "\xf0\x8f\xbf\xbf", 1 }, /* overlong, too */
                { "\xed\xa0\x80", 1 },     /* a surrogate */
                { "\xf4\x90\x80\x80", 1 }, /* above U+10FFFF */
                { "\xe0\xa0\x80", 3 },
                { "\xed\x9f\xbf", 3 },
                { "\xf0\x90\x80\x80", 4 },
                { "\xf4\x8f\xbf\xbf", 4 },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                ck_assert_msg(utf8_length(rows[i].text, strlen(rows[i].text)) == rows[i].n, "%zu",
                                i);
}
END_TEST

START_TEST(control_characters_are_found) {
        static const char *const bad[] = { "a\x01", "\x1b[31m", "\x7f", "\xc2\x85",
                "\xc2\x9b"
                "1m",
                "\r", "\xff", "\x80" };
        static const char *const good[] = { "", "text", "a\tb\nc", "\xc3\xa9", "\xc2\xa0",
                "\xe2\x80\xa8", "\xf0\x9f\x98\x80" };

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(has_control_character(bad[i], strlen(bad[i])), "%zu", i);
        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                ck_assert_msg(!has_control_character(good[i], strlen(good[i])), "%zu", i);
        ck_assert(has_control_character("a\0b", 3));
}
END_TEST

static void expect_printable(const char *text, size_t size, size_t max, const char *expected) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        strbuf_append(&b, "before ");
        append_printable(&b, text, size, max);
        ck_assert_str_eq(strbuf_string(&b) + 7, expected);
}

START_TEST(what_is_shown_moves_no_cursor) {
        static const struct {
                const char *text, *shown;
        } rows[] = {
                { "plain \xc3\xa9", "plain \xc3\xa9" },
                { "a\nb\tc", "a\\nb c" },
                { "\x1b[2J", "\\x1b[2J" },
                { "\xc2\x9b"
                  "2J",
                                "\\xc2\\x9b2J" },
                { "\r\x7f\xff", "\\x0d\\x7f\\xff" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                expect_printable(rows[i].text, strlen(rows[i].text), 100, rows[i].shown);
        expect_printable("a\0b", 3, 100, "a\\x00b");
}
END_TEST

START_TEST(long_text_is_cut_between_characters) {
        expect_printable("abcdef", 6, 100, "abcdef");
        expect_printable("abcdef", 6, 3, "abcd\xe2\x80\xa6");
        expect_printable("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 9, 4,
                        "\xe2\x82\xac\xe2\x82\xac\xe2\x80\xa6");
}
END_TEST

START_TEST(a_value_is_one_line_that_systemd_reads_as_it_is) {
        static const char *const good[] = { "/a", "/a b/%n", "a\\b", "\xc3\xa9", "\"" };
        static const char *const bad[] = { "", " a", "a ", "a\\", "a\nb", "a\tb", "a\x1b", "\xff" };

        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                ck_assert_msg(text_is_one_value(good[i]), "%s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(!text_is_one_value(bad[i]), "%zu", i);
}
END_TEST

START_TEST(json_strings_hold_any_text) {
        static const struct {
                const char *text, *json;
        } rows[] = {
                { "", "\"\"" },
                { "a\"b\\c", "\"a\\\"b\\\\c\"" },
                { "\n\t\x1f", "\"\\u000a\\u0009\\u001f\"" },
                { "\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
                /* file names need not be UTF-8, JSON must be: RFC 8259, section 8.1 */
                { "a\xff"
                  "b\xc3",
                                "\"a\\ufffdb\\ufffd\"" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                append_json_string(&b, rows[i].text);
                ck_assert_str_eq(strbuf_string(&b), rows[i].json);
        }
}
END_TEST

START_TEST(edit_distance_counts_what_fingers_do_wrong) {
        static const struct {
                const char *a, *b;
                unsigned distance;
        } rows[] = {
                { "", "", 0 },
                { "a", "", 1 },
                { "", "abc", 3 },
                { "same", "same", 0 },
                { "Same", "sAME", 0 },
                { "replica", "replicas", 1 },
                { "relpicas", "replicas", 1 }, /* a transposition */
                { "kitten", "sitting", 3 },
                { "abc", "cba", 2 },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                ck_assert_msg(edit_distance(rows[i].a, rows[i].b, 10) == rows[i].distance,
                                "%s %s: %u", rows[i].a, rows[i].b,
                                edit_distance(rows[i].a, rows[i].b, 10));
                ck_assert_uint_eq(edit_distance(rows[i].b, rows[i].a, 10), rows[i].distance);
        }

        char words[70];
        memset(words, 'x', sizeof(words) - 1);
        words[sizeof(words) - 1] = '\0';
        ck_assert_uint_gt(edit_distance(words, "x", 3), 3);
        ck_assert_uint_gt(edit_distance("x", words, 3), 3);
}
END_TEST

START_TEST(the_nearest_word_is_proposed_and_a_far_one_is_not) {
        static const char *const list[] = { "key", "keys", "replicas", "autoScaling", NULL };

        ck_assert_str_eq(nearest_string("replica", list), "replicas");
        ck_assert_str_eq(nearest_string("Autoscaling", list), "autoScaling");
        ck_assert_str_eq(nearest_string("autoScalling", list), "autoScaling");
        ck_assert_str_eq(nearest_string("Keys", list), "keys");
        ck_assert_str_eq(nearest_string("kez", list), "key");
        ck_assert_ptr_null(nearest_string("kxz", list));
        ck_assert_ptr_null(nearest_string("input", list));
        ck_assert_ptr_null(nearest_string("", list));
        ck_assert_ptr_null(nearest_string("replicas", (const char *const[]){ NULL }));
}
END_TEST

START_TEST(a_plain_path_means_itself_wherever_it_is_written) {
        static const char *const good[]
                        = { "/", "/a", "a", "/a/b c", "/a/", "a/b%", "/...", "/.a/b.", "/a'b" };
        static const char *const bad[] = { "", "//", "/a//b", "//a", "/.", "..", "/a/..", "/../a",
                "/a/./b", "/a:b", "/a\\b", "/a\"b", "/a\nb", "/a\tb" };
        char longest[PATH_MAX + 1];

        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                ck_assert_msg(path_is_plain(good[i]), "%s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(!path_is_plain(bad[i]), "%s", bad[i]);
        memset(longest, 'x', PATH_MAX);
        longest[PATH_MAX] = '\0';
        ck_assert(!path_is_plain(longest));
        ck_assert(path_is_plain(longest + 1));
}
END_TEST

START_TEST(names_of_variables_are_those_of_systemd) {
        static const char *const good[] = { "A", "_", "a1_B" };
        static const char *const bad[] = { "", "1a", "a-b", "a b", "a=", "\xc3\xa9", "a\n" };

        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                ck_assert_msg(environment_name_is_valid(good[i]), "%s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(!environment_name_is_valid(bad[i]), "%s", bad[i]);
}
END_TEST

CHECK_MAIN("text", TEST(characters_are_as_long_as_utf_8_makes_them),
                TEST(control_characters_are_found), TEST(what_is_shown_moves_no_cursor),
                TEST(long_text_is_cut_between_characters),
                TEST(a_value_is_one_line_that_systemd_reads_as_it_is),
                TEST(json_strings_hold_any_text), TEST(edit_distance_counts_what_fingers_do_wrong),
                TEST(the_nearest_word_is_proposed_and_a_far_one_is_not),
                TEST(a_plain_path_means_itself_wherever_it_is_written),
                TEST(names_of_variables_are_those_of_systemd))

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include <stdio.h>

#include "check_main.h"
#include "diagnostic.h"
#include "text.h"

static Source source_of(const char *text) {
        Source s = { 0 };
        ck_assert_int_eq(source_from_text(&s, "f.yaml", text, strlen(text)), 0);
        return s;
}

/* Prints one error at the mark. */
static void expect_print(const char *text, Mark mark, unsigned style, const char *expected) {
        CLEANUP(source_done) Source s = source_of(text);
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &s };
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        diagnose_error(&d, "E-X", mark, "message");
        diagnostic_print(&d, &d.items[0], style, &b);
        ck_assert_str_eq(strbuf_string(&b), expected);
}

START_TEST(the_caret_stands_under_what_is_meant) {
        expect_print("a: b\nkey: value\n", (Mark){ 2, 6, 5 }, 0,
                        "f.yaml:2:6: error: message\n  key: value\n       ^~~~~\n");
        expect_print("a", (Mark){ 1, 1, 1 }, 0, "f.yaml:1:1: error: message\n  a\n  ^\n");
        /* columns are characters, not bytes */
        expect_print("\xc3\xa9\xe2\x82\xac: \xf0\x9f\x98\x80x", (Mark){ 1, 5, 2 }, 0,
                        "f.yaml:1:5: error: message\n"
                        "  \xc3\xa9\xe2\x82\xac: \xf0\x9f\x98\x80x\n"
                        "      ^~\n");
        /* a tab is shown as one blank, or the caret would be wrong by its width */
        expect_print("\ta:\tb\n", (Mark){ 1, 5, 1 }, 0,
                        "f.yaml:1:5: error: message\n   a: b\n      ^\n");
        expect_print("a: \x1b[31mred\n", (Mark){ 1, 4, 1 }, 0,
                        "f.yaml:1:4: error: message\n  a: ?[31mred\n     ^\n");
}
END_TEST

START_TEST(a_place_outside_of_the_text_has_no_excerpt) {
        expect_print("a: b\n", (Mark){ 0 }, 0, "f.yaml: error: message\n");
        expect_print("a: b\n", (Mark){ 9, 1, 1 }, 0, "f.yaml:9:1: error: message\n");
        expect_print("a\n", (Mark){ 2, 1, 1 }, 0, "f.yaml:2:1: error: message\n  \n  ^\n");
        expect_print("a: b\n", (Mark){ 1, 1, 1 }, DIAGNOSTIC_LINE, "f.yaml:1:1: error: message\n");
}
END_TEST

START_TEST(colors_change_nothing_but_colors) {
        CLEANUP(source_done) Source s = source_of("key: value\n");
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &s };
        CLEANUP(strbuf_done) StrBuf plain = { 0 }, colored = { 0 }, stripped = { 0 };

        diagnose_warning(&d, "W-X", ((Mark){ 1, 6, 5 }), "message");
        diagnostic_print(&d, &d.items[0], 0, &plain);
        diagnostic_print(&d, &d.items[0], DIAGNOSTIC_COLOR, &colored);
        ck_assert_ptr_nonnull(strchr(strbuf_string(&colored), '\033'));
        for (const char *p = strbuf_string(&colored); *p; p++)
                if (*p == '\033')
                        p += strcspn(p, "m");
                else
                        strbuf_append_char(&stripped, *p);
        ck_assert_str_eq(strbuf_string(&stripped), strbuf_string(&plain));
}
END_TEST

/* The column, in characters, of the first c of a line; 0 when there is none. */
static unsigned column_of(const char *line, const char *c) {
        unsigned column = 1;

        for (size_t left = strcspn(line, "\n"); left > 0; column++) {
                if (startswith(line, c))
                        return column;
                size_t n = utf8_length(line, left);
                line += n;
                left -= n;
        }
        return 0;
}

START_TEST(a_long_line_is_cut_around_the_caret) {
        for (unsigned at = 1; at < 300; at += 7) {
                CLEANUP(strbuf_done) StrBuf text = { 0 }, b = { 0 };
                CLEANUP(diagnostics_done) Diagnostics d = { 0 };
                for (unsigned i = 1; i < 400; i++)
                        strbuf_append(&text, i == at ? "X" : "\xc3\xa9");
                CLEANUP(source_done) Source s = source_of(strbuf_string(&text));
                d.source = &s;
                diagnose_error(&d, "E-X", ((Mark){ 1, at, 300 }), "message");
                diagnostic_print(&d, &d.items[0], 0, &b);

                const char *line = strchr(strbuf_string(&b), '\n') + 1;
                const char *carets = strchr(line, '\n') + 1;
                ck_assert_msg(column_of(line, "X") > 0, "%u: %s", at, line);
                ck_assert_uint_eq(column_of(line, "X"), column_of(carets, "^"));
                ck_assert_uint_le(strcspn(carets, "\n"), 115);
        }
}
END_TEST

START_TEST(problems_are_told_in_the_order_of_the_source) {
        CLEANUP(source_done) Source s = source_of("");
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &s };
        static const Mark marks[] = { { 3, 1, 1 }, { 1, 9, 1 }, { 0, 0, 0 }, { 1, 2, 1 },
                { 3, 1, 2 }, { 2, 5, 1 } };

        for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
                diagnose_note(&d, "N", marks[i], "%zu", i);
        diagnostics_sort(&d);
        static const char *const order[] = { "2", "3", "1", "5", "0", "4" };
        ck_assert_uint_eq(d.n, ARRAY_SIZE(order));
        for (size_t i = 0; i < d.n; i++)
                ck_assert_str_eq(d.items[i].message, order[i]);
}
END_TEST

START_TEST(moving_takes_the_lines_asked_for_and_their_errors) {
        CLEANUP(source_done) Source s = source_of("");
        CLEANUP(diagnostics_done) Diagnostics from = { .source = &s }, to = { .source = &s };

        for (unsigned line = 1; line <= 5; line++)
                diagnose_error(&from, "E", ((Mark){ line, 1, 1 }), "%u", line);
        diagnose_note(&from, "N", ((Mark){ 3, 2, 1 }), "note");
        diagnostics_move(&to, &from, 2, 3);
        ck_assert_uint_eq(to.n, 3);
        ck_assert_uint_eq(to.n_errors, 2);
        ck_assert_uint_eq(from.n, 3);
        ck_assert_uint_eq(from.n_errors, 3);
        diagnostics_move(&to, &from, 0, UINT_MAX);
        ck_assert_uint_eq(to.n, 6);
        ck_assert_uint_eq(to.n_errors, 5);
        ck_assert_uint_eq(from.n_errors, 0);
}
END_TEST

START_TEST(a_message_is_one_line_of_bounded_length) {
        CLEANUP(source_done) Source s = source_of("");
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &s };
        CLEANUP(strbuf_done) StrBuf text = { 0 };

        diagnose_error(&d, "E", ((Mark){ 1, 1, 1 }), "'%s'", "a\nb\x1b[31m\r");
        ck_assert_str_eq(d.items[0].message, "'a\\nb\\x1b[31m\\x0d'");
        for (unsigned i = 0; i < 100000; i++)
                strbuf_append(&text, "\xe2\x82\xac");
        diagnose_error(&d, "E", ((Mark){ 1, 1, 1 }), "%s", strbuf_string(&text));
        ck_assert_uint_lt(strlen(d.items[1].message), 610);
        ck_assert(endswith(d.items[1].message, "\xe2\x82\xac\xe2\x80\xa6"));
}
END_TEST

START_TEST(a_file_of_garbage_does_not_fill_the_journal) {
        CLEANUP(source_done) Source s = source_of("");
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &s };

        for (unsigned i = 0; i < 5000; i++)
                diagnose_error(&d, "E", ((Mark){ i, 1, 1 }), "x");
        ck_assert_uint_le(d.n, 1001);
        ck_assert_uint_gt(d.n_errors, 0);
}
END_TEST

START_TEST(the_first_error_is_found_behind_warnings) {
        CLEANUP(source_done) Source s = source_of("");
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &s };

        ck_assert_ptr_null(diagnostics_first_error(&d));
        diagnose_warning(&d, "W", ((Mark){ 1, 1, 1 }), "warning");
        ck_assert_ptr_null(diagnostics_first_error(&d));
        diagnose_error(&d, "E", ((Mark){ 2, 1, 1 }), "error");
        ck_assert_str_eq(diagnostics_first_error(&d)->code, "E");
}
END_TEST

START_TEST(a_problem_is_one_json_object) {
        CLEANUP(source_done) Source s = source_of("key: value\n");
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &s };
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        diagnose_note(&d, "N-X", ((Mark){ 1, 6, 5 }), "a \"quoted\" \\ text");
        diagnostic_print_json(&d, &d.items[0], &b);
        ck_assert_str_eq(strbuf_string(&b),
                        "{\"file\":\"f.yaml\",\"line\":1,\"column\":6,\"length\":5,"
                        "\"severity\":\"note\",\"code\":\"N-X\","
                        "\"message\":\"a \\\"quoted\\\" \\\\ text\"}\n");
}
END_TEST

CHECK_MAIN("diagnostic", TEST(the_caret_stands_under_what_is_meant),
                TEST(a_place_outside_of_the_text_has_no_excerpt),
                TEST(colors_change_nothing_but_colors), TEST(a_long_line_is_cut_around_the_caret),
                TEST(problems_are_told_in_the_order_of_the_source),
                TEST(moving_takes_the_lines_asked_for_and_their_errors),
                TEST(a_message_is_one_line_of_bounded_length),
                TEST(a_file_of_garbage_does_not_fill_the_journal),
                TEST(the_first_error_is_found_behind_warnings), TEST(a_problem_is_one_json_object))

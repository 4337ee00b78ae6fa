/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"
#include "macro.h"
#include "unit-file.h"

static void expect(const StrBuf *b, const char *text) {
        ck_assert_str_eq(strbuf_string(b), text);
}

START_TEST(sections_are_set_apart_by_an_empty_line) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        unit_section(&b, "Unit");
        unit_set(&b, "A", "b");
        unit_section(&b, "Service");
        unit_setf(&b, "C", "%u", 1U);
        expect(&b, "[Unit]\nA=b\n\n[Service]\nC=1\n");
}
END_TEST

START_TEST(a_comment_is_one_line_whatever_is_in_it) {
        static const struct {
                const char *text, *line;
        } rows[] = {
                { "plain", "# plain\n" },
                { "a\n[Service]\nExecStart=/bin/x", "# a\\n[Service]\\nExecStart=/bin/x\n" },
                { "\x1b[31m\r", "# \\x1b[31m\\x0d\n" },
                { "continued \\", "# continued \n" },
                { "100%n", "# 100%n\n" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                unit_comment(&b, rows[i].text, NULL);
                expect(&b, rows[i].line);
        }
}
END_TEST

START_TEST(free_text_is_its_first_line_without_specifiers_and_continuation) {
        static const struct {
                const char *text, *line;
        } rows[] = {
                { "plain", "D=plain\n" },
                { "first\nsecond", "D=first\n" },
                { "50 %n", "D=50 %%n\n" },
                { "a\\", "D=a\n" },
                { "a \\ \\\\", "D=a\n" },
                { "\\", "D=\n" },
                { "", "D=\n" },
                { "a\tb", "D=a b\n" },
                { "\x1b]0;x\x07", "D=\\x1b]0;x\\x07\n" },
                { "[Service]", "D=[Service]\n" },
                { "# no comment", "D=# no comment\n" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                unit_text(&b, "D", rows[i].text);
                expect(&b, rows[i].line);
        }
}
END_TEST

START_TEST(a_path_is_never_cut) {
        CLEANUP(strbuf_done) StrBuf path = { 0 }, b = { 0 }, line = { 0 };

        for (unsigned i = 0; i < 4000; i++)
                strbuf_append_char(&path, i % 100 == 0 ? '/' : 'x');
        unit_verbatim(&b, "RootDirectory", strbuf_string(&path));
        unit_source_path(&b, strbuf_string(&path));
        strbuf_printf(&line, "RootDirectory=%s\nSourcePath=%s\n", strbuf_string(&path),
                        strbuf_string(&path));
        expect(&b, strbuf_string(&line));

        strbuf_clear(&b);
        unit_verbatim(&b, "LoadCredential", "a:/b %n/c\"d");
        expect(&b, "LoadCredential=a:/b %%n/c\"d\n");
        strbuf_clear(&b);
        unit_source_path(&b, "/etc/workers/a\nUser=root.yaml");
        unit_source_path(&b, "/etc/workers/\xff.yaml");
        expect(&b, "");
}
END_TEST

START_TEST(a_word_keeps_its_text_and_loses_its_meaning) {
        static const struct {
                const char *text, *word, *command;
        } rows[] = {
                { "plain", "\"plain\"", "\"plain\"" },
                { "", "\"\"", "\"\"" },
                { "two words", "\"two words\"", "\"two words\"" },
                { "a\"b'c", "\"a\\\"b'c\"", "\"a\\\"b'c\"" },
                { "a\\b\\", "\"a\\\\b\\\\\"", "\"a\\\\b\\\\\"" },
                { "l1\nl2\tx", "\"l1\\nl2\\tx\"", "\"l1\\nl2\\tx\"" },
                { "100%n%%", "\"100%%n%%%%\"", "\"100%%n%%%%\"" },
                { "$A ${B} $$", "\"$A ${B} $$\"", "\"$$A $${B} $$$$\"" },
                { ";", "\";\"", "\";\"" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(strbuf_done) StrBuf word = { 0 }, command = { 0 }, part = { 0 };
                unit_word(&word, rows[i].text);
                expect(&word, rows[i].word);
                unit_command_word(&command, rows[i].text);
                expect(&command, rows[i].command);
                strbuf_append_char(&part, '"');
                unit_command_part(&part, rows[i].text);
                strbuf_append_char(&part, '"');
                expect(&part, rows[i].command);
        }
}
END_TEST

START_TEST(an_assignment_is_quoted_as_a_whole) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        unit_environment(&b, "NAME", "a \"b\" 5% $HOME\n");
        expect(&b, "Environment=\"NAME=a \\\"b\\\" 5%% $HOME\\n\"\n");
}
END_TEST

START_TEST(a_line_of_input_keeps_its_blanks) {
        static const struct {
                const char *text, *line;
        } rows[] = {
                { "plain", "StandardInputText=plain\n" },
                { "", "StandardInputText=\n" },
                { "  two before", "StandardInputText=\\x20 two before\n" },
                { "two after  ", "StandardInputText=two after \\x20\n" },
                { " ", "StandardInputText=\\x20\n" },
                { "   ", "StandardInputText=\\x20 \\x20\n" },
                { "50% \\ \"q\"", "StandardInputText=50%% \\\\ \"q\"\n" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                unit_input_text(&b, rows[i].text);
                expect(&b, rows[i].line);
        }
}
END_TEST

CHECK_MAIN("unit-file", TEST(sections_are_set_apart_by_an_empty_line),
                TEST(a_comment_is_one_line_whatever_is_in_it),
                TEST(free_text_is_its_first_line_without_specifiers_and_continuation),
                TEST(a_path_is_never_cut), TEST(a_word_keeps_its_text_and_loses_its_meaning),
                TEST(an_assignment_is_quoted_as_a_whole), TEST(a_line_of_input_keeps_its_blanks))

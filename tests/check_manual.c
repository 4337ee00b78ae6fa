/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>

#include "check_main.h"
#include "command.h"
#include "io.h"
#include "man_page.h"
#include "manifest.h"
#include "names.h"
#include "stack.h"

/* Whether the manual pages and the code say the same. */

enum { OUTPUT_SIZE_MAX = 1024 * 1024 };

/* --- sets of names --------------------------------------------------------------------------- */

static void assert_same_names(const char *code, const Names *in_code, const Names *in_page) {
        CLEANUP(strbuf_done) StrBuf missing = { 0 }, unknown = { 0 };

        ck_assert_msg(in_code->len > 0, "the code has no %s", code);
        ck_assert_msg(in_page->len > 0, "the page has no %s", code);
        names_without(in_code, in_page, &missing);
        names_without(in_page, in_code, &unknown);
        ck_assert_msg(missing.len == 0, "%s that no page describes:%s", code,
                        strbuf_string(&missing));
        ck_assert_msg(unknown.len == 0, "%s that don't exist:%s", code, strbuf_string(&unknown));
}

/* --- files and programs ---------------------------------------------------------------------- */

static void open_page(ManPage *p, const char *name) {
        int r = man_page_open(p, name);
        ck_assert_msg(r == 0, "man/%s: %s", name, strerror(-r));
}

/* Calls f for each file of the source directory that matches. */
static void for_each_source(
                const char *pattern, void (*f)(const char *path, void *userdata), void *userdata) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };
        glob_t found = { 0 };

        strbuf_printf(&path, "%s/%s", source_directory(), pattern);
        ck_assert_msg(glob(strbuf_string(&path), 0, NULL, &found) == 0, "no %s",
                        strbuf_string(&path));
        for (size_t i = 0; i < found.gl_pathc; i++)
                f(found.gl_pathv[i], userdata);
        globfree(&found);
}

static void read_source(const char *path, char **ret) {
        int r = read_file_at(AT_FDCWD, path, OUTPUT_SIZE_MAX, ret, NULL);
        ck_assert_msg(r == 0, "%s: %s", path, strerror(-r));
}

/* --- attributes ------------------------------------------------------------------------------ */

typedef struct Visited {
        const Table *tables[32];
        size_t n;
} Visited;

/* Adds the path of each attribute. A table that several attributes have is described once. */
static void add_attributes(const Table *table, const char *prefix, Visited *v, Names *names) {
        for (size_t i = 0; i < v->n; i++)
                if (v->tables[i] == table)
                        return;
        ck_assert_uint_lt(v->n, ARRAY_SIZE(v->tables));
        v->tables[v->n++] = table;

        for (const Attribute *a = table->attributes; a->name; a++) {
                bool list = a->type == TYPE_LIST || a->type == TYPE_NAMES;
                CLEANUP(strbuf_done) StrBuf path = { 0 };
                strbuf_printf(&path, "%s%s", prefix, a->name);
                names_add(names, strbuf_string(&path));
                if (!a->table)
                        continue;
                strbuf_append(&path, list ? "[]." : ".");
                add_attributes(a->table, strbuf_string(&path), v, names);
        }
}

static bool is_of_stack(const ManPage *p) {
        return STREQ(strbuf_string(&p->section), "STACKS");
}

static void assert_attributes(const Table *table, bool of_stack) {
        CLEANUP(strbuf_done) Names in_code = { 0 }, in_page = { 0 };
        CLEANUP(strbuf_done) StrBuf macro = { 0 }, tag = { 0 };
        CLEANUP(man_page_done) ManPage page = { 0 };
        Visited visited = { 0 };

        add_attributes(table, "", &visited, &in_code);
        open_page(&page, "worker.manifest.5");
        while (man_page_next_tag(&page, &macro, &tag))
                if (STREQ(strbuf_string(&macro), "B") && is_of_stack(&page) == of_stack)
                        names_add(&in_page, strbuf_string(&tag));
        assert_same_names("attributes", &in_code, &in_page);
}

START_TEST(each_attribute_of_a_manifest_is_described) {
        assert_attributes(manifest_table(), false);
}
END_TEST

START_TEST(each_attribute_of_a_stack_definition_is_described) {
        assert_attributes(stack_definition_table(), true);
}
END_TEST

/* Appends what the page says of an attribute: from its tag to the next one. */
static void append_description(const char *path, bool of_stack, StrBuf *b) {
        CLEANUP(man_page_done) ManPage page = { 0 };
        const char *before = "";
        bool inside = false;

        open_page(&page, "worker.manifest.5");
        while (man_page_next(&page)) {
                const char *line = strbuf_string(&page.line);
                CLEANUP(strbuf_done) StrBuf shown = { 0 };
                bool tag = STREQ(before, ".TP") && startswith(line, ".B ");

                append_shown(&shown, line);
                if (tag || startswith(line, ".S"))
                        inside = tag && is_of_stack(&page) == of_stack
                                 && STREQ(strbuf_string(&shown) + strlen(".B "), path);
                if (inside && !tag)
                        strbuf_printf(b, "%s\n", strbuf_string(&shown));
                before = STREQ(line, ".TP") ? ".TP" : "";
        }
}

/* Whether text has the word, with anything but letters and digits around it. */
static bool has_word(const char *text, const char *word) {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789";
        size_t n = strlen(word);

        for (const char *p = text; (p = strstr(p, word)); p++)
                if ((p == text || !strchr(letters, p[-1]))
                                && (p[n] == '\0' || !strchr(letters, p[n])))
                        return true;
        return false;
}

static void assert_values(const Attribute *a, const char *path, bool of_stack) {
        CLEANUP(strbuf_done) StrBuf text = { 0 }, range = { 0 };

        append_description(path, of_stack, &text);
        for (const char *const *i = a->values; i && *i; i++)
                ck_assert_msg(has_word(strbuf_string(&text), *i), "%s may be '%s': not described",
                                path, *i);
        strbuf_printf(&range, "%ju to %ju", (uintmax_t) a->min, (uintmax_t) a->max);
        if (a->type == TYPE_INTEGER)
                ck_assert_msg(has_word(strbuf_string(&text), strbuf_string(&range)),
                                "%s is %s: not described", path, strbuf_string(&range));
}

static void assert_all_values(
                const Table *table, const char *prefix, bool of_stack, unsigned depth) {
        for (const Attribute *a = table->attributes; a->name; a++) {
                bool list = a->type == TYPE_LIST;
                CLEANUP(strbuf_done) StrBuf path = { 0 };
                strbuf_printf(&path, "%s%s", prefix, a->name);
                if (a->values || a->type == TYPE_INTEGER)
                        assert_values(a, strbuf_string(&path), of_stack);
                /* second names of a table */
                if (!a->table || depth == 0 || STREQ(a->name, "spec") || STREQ(a->name, "secrets")
                                || STREQ(a->name, "autoscaling")
                                || STREQ(a->name, "persistentVolume"))
                        continue;
                strbuf_append(&path, list ? "[]." : ".");
                assert_all_values(a->table, strbuf_string(&path), of_stack, depth - 1);
        }
}

START_TEST(each_word_and_range_that_an_attribute_takes_is_described_with_it) {
        assert_all_values(manifest_table(), "", false, 5);
        assert_all_values(stack_definition_table(), "", true, 5);
}
END_TEST

/* --- codes of diagnostics -------------------------------------------------------------------- */

/* Adds each "E-…", "W-…" and "N-…" of a source. */
static void add_codes(const char *path, void *userdata) {
        CLEANUP(freep) char *text = NULL;

        read_source(path, &text);
        for (const char *p = text; (p = strchr(p, '"')); p++) {
                size_t n = strspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
                if (n < 3 || !strchr("EWN", p[1]) || p[2] != '-' || p[n + 1] != '"')
                        continue;
                CLEANUP(strbuf_done) StrBuf code = { 0 };
                strbuf_append_n(&code, p + 1, n);
                names_add(userdata, strbuf_string(&code));
        }
}

START_TEST(each_code_of_a_diagnostic_is_described) {
        CLEANUP(strbuf_done) Names in_code = { 0 }, in_page = { 0 };
        CLEANUP(strbuf_done) StrBuf macro = { 0 }, tag = { 0 };
        CLEANUP(man_page_done) ManPage page = { 0 };

        for_each_source("generator/*.c", add_codes, &in_code);
        open_page(&page, "worker.manifest.5");
        while (man_page_next_tag(&page, &macro, &tag))
                if (STREQ(strbuf_string(&page.subsection), "Codes"))
                        names_add(&in_page, strbuf_string(&tag));
        assert_same_names("codes", &in_code, &in_page);
}
END_TEST

/* --- [X-Scaling] ----------------------------------------------------------------------------- */

/* Adds the keys that emit_scaling() writes: the first text behind each unit_set() and the like. */
static void add_scaling_keys(Names *names) {
        CLEANUP(freep) char *text = NULL;
        CLEANUP(strbuf_done) StrBuf path = { 0 };

        strbuf_printf(&path, "%s/generator/emit.c", source_directory());
        read_source(strbuf_string(&path), &text);
        char *p = strstr(text, "static void emit_scaling(");
        ck_assert_ptr_nonnull(p);
        char *end = strstr(p, "\n}\n");
        ck_assert_ptr_nonnull(end);
        *end = '\0';

        while ((p = strstr(p, "(b, \""))) {
                p += strlen("(b, \"");
                CLEANUP(strbuf_done) StrBuf key = { 0 };
                strbuf_append_n(&key, p, strcspn(p, "\""));
                if (!STREQ(strbuf_string(&key), "X-Scaling"))
                        names_add(names, strbuf_string(&key));
        }
}

/* Adds the words that end in "=": a tag may name several settings. */
static void add_settings(const char *tag, Names *names) {
        for (const char *p = tag; *p; p += strspn(p, ", ")) {
                size_t n = strcspn(p, ", ");
                CLEANUP(strbuf_done) StrBuf key = { 0 };
                if (n > 0 && p[n - 1] == '=') {
                        strbuf_append_n(&key, p, n - 1);
                        names_add(names, strbuf_string(&key));
                }
                p += n;
        }
}

START_TEST(each_key_of_the_scaling_section_is_described) {
        CLEANUP(strbuf_done) Names in_code = { 0 }, in_page = { 0 };
        CLEANUP(strbuf_done) StrBuf macro = { 0 }, tag = { 0 }, missing = { 0 };
        CLEANUP(man_page_done) ManPage page = { 0 };

        add_scaling_keys(&in_code);
        ck_assert(names_contain(&in_code, "MaxReplicas"));
        if (man_page_open(&page, "worker.scaling.5") == -ENOENT)
                open_page(&page, "worker-scaler.8");
        while (man_page_next_tag(&page, &macro, &tag))
                add_settings(strbuf_string(&tag), &in_page);
        names_without(&in_code, &in_page, &missing);
        ck_assert_msg(missing.len == 0, "keys that no page describes:%s", strbuf_string(&missing));
}
END_TEST

/* --- options --------------------------------------------------------------------------------- */

/* Adds each "--option" at the start of a word. */
static void add_options(const char *text, Names *names) {
        for (const char *p = text; (p = strstr(p, "--")); p += 2) {
                size_t n = strspn(p + 2, "abcdefghijklmnopqrstuvwxyz-");
                if (n == 0)
                        continue;
                CLEANUP(strbuf_done) StrBuf option = { 0 };
                strbuf_append_n(&option, p, n + 2);
                names_add(names, strbuf_string(&option));
                p += n;
        }
}

START_TEST(each_option_of_worker_generator_is_described) {
        CLEANUP(strbuf_done) Names in_code = { 0 }, in_page = { 0 };
        CLEANUP(strbuf_done) StrBuf command = { 0 }, help = { 0 }, macro = { 0 }, tag = { 0 };
        CLEANUP(man_page_done) ManPage page = { 0 };

        strbuf_printf(&command, "'%s/generator/worker-generator' --help", build_directory());
        ck_assert_int_eq(run_command(strbuf_string(&command), &help), 0);
        add_options(strbuf_string(&help), &in_code);
        open_page(&page, "worker-generator.8");
        while (man_page_next_tag(&page, &macro, &tag))
                if (STREQ(strbuf_string(&page.section), "OPTIONS"))
                        add_options(strbuf_string(&tag), &in_page);
        assert_same_names("options", &in_code, &in_page);
}
END_TEST

/* --- form ------------------------------------------------------------------------------------ */

static void check_form(const char *path, void *userdata) {
        CLEANUP(strbuf_done) StrBuf command = { 0 }, output = { 0 };

        (void) userdata;
        /* as man(1) runs it for a terminal of 80 columns */
        strbuf_printf(&command, "groff -t -man -Kutf8 -Tutf8 -rLL=78n -ww -z '%s' 2>&1", path);
        (void) run_command(strbuf_string(&command), &output);
        ck_assert_str_eq(strbuf_string(&output), "");
}

START_TEST(groff_has_no_warning_for_any_page) {
        CLEANUP(strbuf_done) StrBuf output = { 0 };

        if (run_command("groff --version 2>&1", &output) != 0) {
                printf("there is no groff here (Debian package groff-base), not looking at the "
                       "form of "
                       "the pages\n");
                return;
        }
        for_each_source("man/*.[1-9]", check_form, NULL);
}
END_TEST

CHECK_MAIN("manual", TEST(each_attribute_of_a_manifest_is_described),
                TEST(each_attribute_of_a_stack_definition_is_described),
                TEST(each_word_and_range_that_an_attribute_takes_is_described_with_it),
                TEST(each_code_of_a_diagnostic_is_described),
                TEST(each_key_of_the_scaling_section_is_described),
                TEST(each_option_of_worker_generator_is_described),
                TEST(groff_has_no_warning_for_any_page))

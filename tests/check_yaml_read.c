/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "check_main.h"
#include "macro.h"
#include "yaml-read.h"

/* --- what was read, as a test can compare it ------------------------------------------------- */

typedef struct Parsed {
        Source source;
        Arena arena;
        Diagnostics diagnostics;
        Document *documents;
        StrBuf codes; /* "CODE@LINE:COLUMN", separated by blanks */
} Parsed;

static void parsed_done(Parsed *p) {
        source_done(&p->source);
        arena_done(&p->arena);
        diagnostics_done(&p->diagnostics);
        strbuf_done(&p->codes);
}

static void parse_n(Parsed *p, const char *text, size_t size) {
        *p = (Parsed){ 0 };
        ck_assert_int_eq(source_from_text(&p->source, "test", text, size), 0);
        p->diagnostics.source = &p->source;
        ck_assert_int_eq(yaml_read(&p->source, &p->arena, &p->diagnostics, &p->documents), 0);
        for (size_t i = 0; i < p->diagnostics.n; i++)
                strbuf_printf(&p->codes, "%s%s@%u:%u", i > 0 ? " " : "",
                                p->diagnostics.items[i].code, p->diagnostics.items[i].mark.line,
                                p->diagnostics.items[i].mark.column);
}

static void parse(Parsed *p, const char *text) {
        parse_n(p, text, strlen(text));
}

static void dump(const Node *n, StrBuf *b) {
        static const char open[] = { [NODE_SEQUENCE] = '[', [NODE_MAPPING] = '{' };
        static const char close[] = { [NODE_SEQUENCE] = ']', [NODE_MAPPING] = '}' };

        if (n->kind == NODE_SCALAR) {
                static const char *const quotes[] = {
                        [SCALAR_PLAIN] = "", [SCALAR_QUOTED] = "'", [SCALAR_BLOCK] = "|"
                };
                strbuf_printf(b, "%s%s%s", quotes[n->style], n->text, quotes[n->style]);
                return;
        }
        strbuf_append_char(b, open[n->kind]);
        for (const Node *i = n->first; i; i = i->next) {
                if (n->kind == NODE_MAPPING) {
                        dump(i->key, b);
                        strbuf_append_char(b, ':');
                }
                dump(i, b);
                strbuf_append(b, i->next ? "," : "");
        }
        strbuf_append_char(b, close[n->kind]);
}

static void expect_tree(const char *text, const char *tree) {
        CLEANUP(parsed_done) Parsed p;
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        parse(&p, text);
        ck_assert_msg(p.diagnostics.n == 0, "%s: %s", text, strbuf_string(&p.codes));
        dump(p.documents->root, &b);
        ck_assert_str_eq(strbuf_string(&b), tree);
}

static void expect_problems(const char *text, const char *codes) {
        CLEANUP(parsed_done) Parsed p;

        parse(&p, text);
        ck_assert_msg(STREQ(strbuf_string(&p.codes), codes), "'%s': %s, not %s", text,
                        strbuf_string(&p.codes), codes);
}

/* --- tests ---------------------------------------------------------------------------------------
 */

START_TEST(all_of_yaml_that_a_manifest_may_use_is_read) {
        expect_tree("a: b\n", "{a:b}");
        expect_tree("a:\n  - 1\n  - [x, {y: z}]\n", "{a:[1,[x,{y:z}]]}");
        expect_tree("{a: [], b: {}}", "{a:[],b:{}}");
        expect_tree("a: 'it''s'\nb: \"\\x41\\u00e9\\n\"\n", "{a:'it's',b:'A\xc3\xa9\n'}");
        expect_tree("a: one\n  two\n\n  three\n", "{a:one two\nthree}");
        expect_tree("a: |\n  x\n   y\nb: >-\n  p\n  q\n", "{a:|x\n y\n|,b:|p q|}");
        expect_tree("a: b # comment\n# another\nc: d\n", "{a:b,c:d}");
        expect_tree("? a\n: b\n", "{a:b}");
        expect_tree("- a\n-\n- ''\n", "[a,,'']");
        expect_tree("a: b\r\nc: d\r\n", "{a:b,c:d}");
        expect_tree("\xef\xbb\xbf"
                    "a: b\n",
                        "{a:b}");
        expect_tree("'1': 1.10\n", "{'1':1.10}");
}
END_TEST

START_TEST(only_plain_scalars_are_null) {
        static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
        static const char *const others[] = { "nULL", "0", "false", "none" };

        for (size_t i = 0; i < ARRAY_SIZE(nulls); i++) {
                Node plain = { .text = nulls[i] };
                Node quoted = { .text = nulls[i], .style = SCALAR_QUOTED };
                ck_assert_msg(node_is_null(&plain), "%s", nulls[i]);
                ck_assert_msg(!node_is_null(&quoted), "%s", nulls[i]);
        }
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                ck_assert_msg(!node_is_null(&(Node){ .text = others[i] }), "%s", others[i]);
        ck_assert(!node_is_null(&(Node){ .kind = NODE_MAPPING, .text = "" }));
}
END_TEST

START_TEST(every_node_knows_its_place) {
        CLEANUP(parsed_done) Parsed p;

        parse(&p, "first: 1\n\xc3\xa9\xc3\xa9: 'quoted text'\nlist:\n  - item\n  - {k: value}\n"
                  "block: |\n  x\n");
        const Node *root = p.documents->root;
        const Node *accented = node_find(root, "\xc3\xa9\xc3\xa9");
        ck_assert_uint_eq(accented->key->mark.line, 2);
        ck_assert_uint_eq(accented->key->mark.column, 1);
        ck_assert_uint_eq(accented->key->mark.length, 2);
        ck_assert_uint_eq(accented->mark.column, 5);
        ck_assert_uint_eq(accented->mark.length, 13);
        const Node *list = node_find(root, "list");
        ck_assert_uint_eq(list->mark.line, 4);
        ck_assert_uint_eq(list->mark.column, 3);
        ck_assert_uint_eq(list->mark.length, 1);
        ck_assert_uint_eq(list->first->next->first->mark.line, 5);
        ck_assert_uint_eq(list->first->next->first->mark.column, 9);
        ck_assert_uint_eq(list->first->next->first->mark.length, 5);
        ck_assert_uint_eq(node_find(root, "block")->mark.line, 6);
        ck_assert_uint_eq(node_find(root, "block")->mark.column, 8);
        ck_assert_uint_eq(node_find(root, "block")->mark.length, 1);
        ck_assert_ptr_null(node_find(root, "absent"));
        ck_assert_ptr_null(node_find(list, "item"));
}
END_TEST

START_TEST(lines_are_counted_alike_by_parser_and_source) {
        /* LF, CR, CR LF, NEL, LS, PS */
        static const char *const breaks[]
                        = { "\n", "\r", "\r\n", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9" };

        for (size_t i = 0; i < ARRAY_SIZE(breaks); i++) {
                CLEANUP(parsed_done) Parsed p;
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                size_t size;

                strbuf_printf(&b, "a: b%s%sc: d%se: f", breaks[i], breaks[i], breaks[i]);
                parse(&p, strbuf_string(&b));
                Mark mark = node_find(p.documents->root, "e")->key->mark;
                ck_assert_msg(mark.line == 4, "break %zu: line %u", i, mark.line);
                ck_assert_msg(strncmp(source_line(&p.source, 4, &size), "e: f", 4) == 0,
                                "break %zu", i);
                ck_assert_uint_eq(size, 4);
                ck_assert_str_eq(source_at(&p.source, (Mark){ .line = 4, .column = 4 }), "f");
        }
}
END_TEST

START_TEST(what_yaml_allows_but_a_manifest_may_not_is_told) {
        expect_problems("a: &x b\n", "E-YAML-ANCHOR@1:4");
        expect_problems("a: &x {b: c}\nd: *x\n", "E-YAML-ANCHOR@1:4 E-YAML-ANCHOR@2:4");
        expect_problems("a: !!str b\n", "E-YAML-TAG@1:4");
        expect_problems("a: !mine [b]\n", "E-YAML-TAG@1:4");
        expect_problems("[a, b]: c\nd: e\n", "E-KEY@1:1");
        expect_problems("? {a: b}\n: c\n", "E-KEY@1:3");
        expect_problems("a: 1\nb: 2\na: 3\n", "E-DUPLICATE-KEY@3:1");
        expect_problems("a: 1\na: 2\na: 3\n", "E-DUPLICATE-KEY@2:1 E-DUPLICATE-KEY@3:1");
        expect_problems("a: {b: 1, b: 2}\n", "E-DUPLICATE-KEY@1:11");
        expect_problems("a: {b: 1}\nc: {b: 2}\n", "");
        expect_problems("'a': 1\na: 2\n", "E-DUPLICATE-KEY@2:1");
}
END_TEST

START_TEST(a_placeholder_is_told_as_one_and_costs_only_its_value) {
        CLEANUP(parsed_done) Parsed p;

        expect_problems("a: {{b}}\n", "E-PLACEHOLDER@1:4");
        expect_problems("{{a}}: b\n", "E-PLACEHOLDER@1:1");
        expect_problems("a: {{ b }}\nc: {{d}}\n", "E-PLACEHOLDER@1:4 E-PLACEHOLDER@2:4");
        expect_problems("a: {{b\n}}\n", "E-KEY@1:5"); /* no one line to show */

        parse(&p, "{{a}}: {x: [1, 2]}\n{{b}}: 3\nname: last\n");
        ck_assert_str_eq(strbuf_string(&p.codes), "E-PLACEHOLDER@1:1 E-PLACEHOLDER@2:1");
        ck_assert_str_eq(node_find(p.documents->root, "name")->text, "last");
        ck_assert_ptr_eq(p.documents->root->first, node_find(p.documents->root, "name"));
}
END_TEST

START_TEST(an_alias_counts_as_null) {
        CLEANUP(parsed_done) Parsed p;

        parse(&p, "a: &x 1\nb: *x\nc: [*x]\n");
        ck_assert(node_is_null(node_find(p.documents->root, "b")));
        ck_assert(node_is_null(node_find(p.documents->root, "c")->first));
}
END_TEST

START_TEST(depth_and_number_of_values_are_bounded) {
        CLEANUP(strbuf_done) StrBuf deep = { 0 }, deeper = { 0 }, many = { 0 };
        CLEANUP(parsed_done) Parsed p;

        for (unsigned i = 0; i < YAML_DEPTH_MAX; i++)
                strbuf_append_char(&deep, '[');
        strbuf_append(&deeper, strbuf_string(&deep));
        strbuf_append_char(&deeper, '[');
        for (unsigned i = 0; i < YAML_DEPTH_MAX; i++)
                strbuf_append_char(&deep, ']');
        expect_problems(strbuf_string(&deep), "");
        expect_problems(strbuf_string(&deeper), "E-LIMIT@1:65");

        strbuf_append(&many, "- &a [");
        for (unsigned i = 0; i < YAML_NODES_MAX; i++)
                strbuf_append(&many, "1,");
        strbuf_append(&many, "]\n");
        parse(&p, strbuf_string(&many));
        ck_assert_uint_eq(p.diagnostics.n, 2);
        ck_assert_str_eq(p.diagnostics.items[1].code, "E-LIMIT");
        ck_assert(p.documents->incomplete);
}
END_TEST

START_TEST(thousands_of_brackets_are_no_recursion) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };

        strbuf_append(&text, "a: b\n? ");
        for (unsigned i = 0; i < 20000; i++)
                strbuf_append(&text, "[");
        CLEANUP(parsed_done) Parsed p;
        parse(&p, strbuf_string(&text));
        ck_assert_uint_gt(p.diagnostics.n_errors, 0);
}
END_TEST

START_TEST(an_incomplete_document_keeps_what_was_read) {
        CLEANUP(parsed_done) Parsed p;

        parse(&p, "name: demo\nversion: v1beta\n\tworker: x\n");
        ck_assert_uint_eq(p.diagnostics.n_errors, 1);
        ck_assert(p.documents->incomplete);
        ck_assert_str_eq(node_find(p.documents->root, "name")->text, "demo");
}
END_TEST

START_TEST(documents_begin_where_they_begin) {
        CLEANUP(parsed_done) Parsed p;

        parse(&p, "# comment\na: b\n---\n---\nc: d\n...\n---\ne: f\n");
        static const unsigned lines[] = { 2, 3, 4, 7 };
        size_t n = 0;
        for (const Document *i = p.documents; i; i = i->next, n++) {
                ck_assert_uint_lt(n, ARRAY_SIZE(lines));
                ck_assert_uint_eq(i->line, lines[n]);
                ck_assert(!i->incomplete);
        }
        ck_assert_uint_eq(n, ARRAY_SIZE(lines));

        CLEANUP(parsed_done) Parsed empty;
        parse(&empty, "# nothing\n");
        ck_assert_ptr_null(empty.documents);
}
END_TEST

START_TEST(syntax_errors_are_told_where_they_are) {
        expect_problems("a: b: c\n", "E-YAML-SYNTAX@1:5");
        expect_problems("a:\n\t- b\n", "E-YAML-SYNTAX@2:1");
        expect_problems("a:\n  b: 1\n \tc: 2\n", "E-YAML-SYNTAX@3:2");
        expect_problems("a: 'b\n", "E-YAML-SYNTAX@2:1");
        expect_problems("a: [b\nc: d\n", "E-YAML-SYNTAX@2:2");
        expect_problems("a: \"\\q\"\n", "E-YAML-SYNTAX@1:5");

        CLEANUP(parsed_done) Parsed p;
        parse(&p, "a:\n\t- b\n");
        ck_assert_ptr_nonnull(strstr(p.diagnostics.items[0].message, "tab"));
}
END_TEST

START_TEST(what_is_not_utf_8_is_told) {
        static const char *const bad[] = {
                "a: \xff\n",             /* no character */
                "a: \xc3\n",             /* cut */
                "a: \xc0\xaf\n",         /* overlong */
                "a: \xed\xa0\x80\n",     /* a surrogate */
                "a: \xf4\x90\x80\x80\n", /* above U+10FFFF */
                "a: \x01\n",             /* a control character */
        };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                expect_problems(bad[i], "E-ENCODING@1:4");

        CLEANUP(parsed_done) Parsed nul;
        parse_n(&nul, "a: b\0c\n", 7);
        ck_assert_uint_eq(nul.diagnostics.n_errors, 1);
}
END_TEST

START_TEST(text_with_nul_keeps_its_size) {
        CLEANUP(parsed_done) Parsed p;

        parse(&p, "a: \"x\\0y\"\n");
        const Node *n = node_find(p.documents->root, "a");
        ck_assert_uint_eq(n->size, 3);
        ck_assert_int_eq(memcmp(n->text, "x\0y", 4), 0);
}
END_TEST

CHECK_MAIN("yaml-read", TEST(all_of_yaml_that_a_manifest_may_use_is_read),
                TEST(only_plain_scalars_are_null), TEST(every_node_knows_its_place),
                TEST(lines_are_counted_alike_by_parser_and_source),
                TEST(what_yaml_allows_but_a_manifest_may_not_is_told),
                TEST(a_placeholder_is_told_as_one_and_costs_only_its_value),
                TEST(an_alias_counts_as_null), TEST(depth_and_number_of_values_are_bounded),
                TEST(thousands_of_brackets_are_no_recursion),
                TEST(an_incomplete_document_keeps_what_was_read),
                TEST(documents_begin_where_they_begin), TEST(syntax_errors_are_told_where_they_are),
                TEST(what_is_not_utf_8_is_told), TEST(text_with_nul_keeps_its_size))

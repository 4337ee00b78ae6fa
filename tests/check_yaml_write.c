/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"
#include "yaml-write.h"
#include "yaml_tree.h"

/* A stackSpec becomes a file that reads back as what the manifest said. */

typedef struct Read {
        Arena arena;
        Source source;
        Diagnostics diagnostics;
        Document *documents;
} Read;

static void read_done(Read *r) {
        arena_done(&r->arena);
        diagnostics_done(&r->diagnostics);
        source_done(&r->source);
}

static void read_text(Read *r, const char *text) {
        *r = (Read){ 0 };
        ck_assert_int_eq(source_from_text(&r->source, "test", text, strlen(text)), 0);
        r->diagnostics.source = &r->source;
        ck_assert_int_eq(yaml_read(&r->source, &r->arena, &r->diagnostics, &r->documents), 0);
        ck_assert_msg(r->diagnostics.n_errors == 0, "%s", text);
        ck_assert_ptr_nonnull(r->documents);
}

START_TEST(what_is_written_reads_back_as_itself) {
        static const char *const texts[] = {
                "a: 30\nb: \"30\"\nc: '030'\nd: 1.10\ne: 1e3\nf: 0x1f\ng: 12:30:45\n",
                "a: true\nb: 'true'\nc: yes\nd: \"no\"\ne: on\n",
                "a:\nb: ~\nc: null\nd: 'null'\ne: ''\nf: \"~\"\n",
                "z: 1\na: 2\nm: {y: [], x: {}}\n", /* the order of keys */
                "write.format.default: parquet\n\"invalid_percent(x) < 1 %\": 1\n? a b\n: c\n",
                "a: |\n  one\n   two\n\n  three\nb: |-\n  no end\nc: |+\n  many\n\n\nd: >\n  fol\n "
                " ded\n",
                "a: |2\n    indented first\n  less\n",
                "a: \" x \"\nb: \"\\ttab\"\nc: \"a\\nb\\n\"\nd: \"\\x85 \\u2028 \\e[0m\"\n",
                "a: '# no comment'\nb: 'a: b'\nc: '- d'\nd: '[x'\ne: '{{x}}'\nf: '&a'\ng: '*b'\nh: "
                "'!c'\ni: '%d'\nj: '@e'\nk: '`f'\n",
                "a: two\n  lines\nb: \"${HOME}\"\n",
                "- [1, '1', [2, {a: [b]}]]\n- - - x\n",
                "a: \"---\"\nb: '...'\nc: \"--- x\"\n",
                "a: \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n\xc3\xbc: 1\n",
        };
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                CLEANUP(read_done) Read r;
                CLEANUP(strbuf_done) StrBuf written = { 0 };
                read_text(&r, texts[i]);
                ck_assert_int_eq(yaml_write(r.documents->root, &written), 0);
                ck_assert_msg(yaml_tree_reads_back(r.documents->root), "%s\nbecame:\n%s", texts[i],
                                strbuf_string(&written));
        }
}
END_TEST

/* or the test above could not fail */
START_TEST(trees_that_say_something_else_differ) {
        static const char *const pairs[][2] = {
                { "a: 1\n", "a: 2\n" },
                { "a: 1\n", "a: '1'\n" },
                { "a: '1'\n", "a: 1\n" },
                { "a: yes\n", "a: 'yes'\n" },
                { "a: 1\n", "b: 1\n" },
                { "a: 1\nb: 2\n", "b: 2\na: 1\n" },
                { "a: [b]\n", "a: {b: }\n" },
                { "a: [b, c]\n", "a: [b]\n" },
                { "a: [[b], c]\n", "a: [[b, c]]\n" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
                CLEANUP(read_done) Read a, b;
                read_text(&a, pairs[i][0]);
                read_text(&b, pairs[i][1]);
                ck_assert_msg(!yaml_tree_equals(a.documents->root, b.documents->root), "%s%s",
                                pairs[i][0], pairs[i][1]);
        }
}
END_TEST

CHECK_MAIN("yaml-write", TEST(what_is_written_reads_back_as_itself),
                TEST(trees_that_say_something_else_differ))

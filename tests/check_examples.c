/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/stat.h>

#include "check_main.h"
#include "command.h"
#include "file_tree.h"
#include "man_page.h"
#include "manifest.h"
#include "names.h"
#include "stack.h"

/* The examples of worker.manifest(5) are what it says they are: worker-generator takes them, says
 * to them what the page says that it says, and no attribute is without one. */

#define PAGE "worker.manifest.5"

static void open_page(ManPage *p) {
        ck_assert_int_eq(man_page_open(p, PAGE), 0);
}

/* An example "NAME stack" is a definition, which the manifests may use. */
static bool is_stack(const StrBuf *name) {
        return endswith(strbuf_string(name), " stack");
}

/* --- a root with all of them ------------------------------------------------------------------ */

/* What the examples stand on: the stacks that we install, and the secrets they speak of. */
static void make_host(const char *root) {
        static const char *const secrets[] = { "public/orders/QUEUE_PASSWORD", "public/tls/ca.pem",
                "shop/mail/USER", "shop/mail/PASSWORD", "common/tls/ca.pem", "public/legacy/TOKEN",
                "shop/DATAOS_RUN_AS_APIKEY" };
        CLEANUP(strbuf_done) StrBuf command = { 0 }, output = { 0 };
        const char *vendor = "usr/lib/workers/manifests";

        strbuf_printf(&command,
                        "mkdir -p %s/etc/workers/stacks %s/etc/workers/compute %s/out %s/%s && "
                        "cp -r --no-preserve=mode '%s/stacks' %s/%s && "
                        "echo MemoryMax=4G >%s/etc/workers/compute/small.conf",
                        root, root, root, root, vendor, source_directory(), root, vendor, root);
        for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
                strbuf_printf(&command,
                                " && install -D -m 600 /dev/null %s/etc/credstore/workers/%s", root,
                                secrets[i]);
        ck_assert_msg(run_command(strbuf_string(&command), &output) == 0, "%s",
                        strbuf_string(&command));
}

/* Returns the number of manifests. */
static unsigned write_examples(const char *root) {
        CLEANUP(strbuf_done) StrBuf name = { 0 }, example = { 0 }, path = { 0 };
        CLEANUP(man_page_done) ManPage page = { 0 };
        unsigned n = 0;
        bool says;

        open_page(&page);
        while (man_page_next_example(&page, &name, &example, &says)) {
                bool stack = is_stack(&name);
                if (says)
                        continue;
                if (stack)
                        strbuf_truncate(&name, name.len - strlen(" stack"));
                strbuf_clear(&path);
                strbuf_printf(&path, "%s/etc/workers/%s%s.yaml", root, stack ? "stacks/" : "",
                                strbuf_string(&name));
                write_new_file(strbuf_string(&path), &example);
                ck_assert_int_eq(chmod(strbuf_string(&path), 0644), 0);
                n += stack ? 0 : 1;
        }
        return n;
}

static void expect_answer(const char *root, const char *example, unsigned *refused) {
        CLEANUP(strbuf_done) StrBuf command = { 0 }, output = { 0 }, answer = { 0 };
        CLEANUP(freep) char *build = realpath(build_directory(), NULL);

        ck_assert_ptr_nonnull(build);
        man_page_find_answer(PAGE, example, &answer);
        bool error = strstr(strbuf_string(&answer), ": error: ");
        *refused += error ? 1 : 0;
        strbuf_printf(&command,
                        "cd %s/etc/workers && '%s/generator/worker-generator' --root=%s --verify "
                        "%s.yaml 2>&1",
                        root, build, root, example);
        int status = run_command(strbuf_string(&command), &output);
        ck_assert_msg(STREQ(strbuf_string(&output), strbuf_string(&answer)),
                        "example %s\nfound:\n%s\non the page:\n%s", example, strbuf_string(&output),
                        strbuf_string(&answer));
        ck_assert_int_eq(status, error ? 1 : 0);
}

START_TEST(the_generator_says_to_each_example_what_the_manual_says) {
        CLEANUP(remove_temporary_directoryp) char *root = make_temporary_directory();
        CLEANUP(strbuf_done)
        StrBuf name = { 0 }, example = { 0 }, command = { 0 }, output = { 0 }, summary = { 0 };
        CLEANUP(man_page_done) ManPage page = { 0 };
        unsigned refused = 0;
        bool says;

        make_host(root);
        unsigned n = write_examples(root);
        ck_assert_uint_ge(n, 10);
        open_page(&page);
        while (man_page_next_example(&page, &name, &example, &says))
                if (!says && !is_stack(&name))
                        expect_answer(root, strbuf_string(&name), &refused);

        /* all of them on one host, to the end */
        strbuf_printf(&command, "'%s/generator/worker-generator' --root=%s %s/out 2>&1",
                        build_directory(), root, root);
        ck_assert_int_eq(run_command(strbuf_string(&command), &output), 0);
        strbuf_printf(&summary, "worker-generator: %u workers, %u refused\n", n - refused, refused);
        ck_assert_msg(endswith(strbuf_string(&output), strbuf_string(&summary)), "%s\nexpected: %s",
                        strbuf_string(&output), strbuf_string(&summary));
}
END_TEST

/* --- attributes ------------------------------------------------------------------------------- */

/* Where each table is described: several attributes may have one table. */
typedef struct Place {
        const Table *table;
        char *prefix; /* owned */
} Place;

typedef struct Places {
        Place items[32];
        size_t n;
} Places;

static void places_done(Places *p) {
        for (size_t i = 0; i < p->n; i++)
                free(p->items[i].prefix);
}

static const char *place_of(const Places *p, const Table *table) {
        for (size_t i = 0; i < p->n; i++)
                if (p->items[i].table == table)
                        return p->items[i].prefix;
        return NULL;
}

/* As tests/check_manual.c names the attributes. */
static void find_places(const Table *table, const char *prefix, Places *p) {
        if (place_of(p, table))
                return;
        ck_assert_uint_lt(p->n, ARRAY_SIZE(p->items));
        p->items[p->n++] = (Place){ table, strdup(prefix) };

        for (const Attribute *a = table->attributes; a->name; a++) {
                CLEANUP(strbuf_done) StrBuf below = { 0 };
                if (!a->table)
                        continue;
                strbuf_printf(&below, "%s%s%s", prefix, a->name,
                                a->type == TYPE_LIST || a->type == TYPE_NAMES ? "[]." : ".");
                find_places(a->table, strbuf_string(&below), p);
        }
}

/* Adds the attributes that a mapping of an example has, and those below it. */
static void add_used(const Table *table, const Node *mapping, const Places *places, Names *used) {
        for (const Node *i = mapping->first; i; i = i->next) {
                const Attribute *a = table->attributes;
                while (a->name && !STREQ(a->name, i->key->text))
                        a++;
                if (!a->name)
                        continue;

                CLEANUP(strbuf_done) StrBuf path = { 0 };
                strbuf_printf(&path, "%s%s", place_of(places, table), a->name);
                names_add(used, strbuf_string(&path));
                if (a->table && i->kind == NODE_MAPPING)
                        add_used(a->table, i, places, used);
                for (const Node *k = i->first; a->table && i->kind == NODE_SEQUENCE && k;
                                k = k->next)
                        add_used(a->table, k, places, used);
        }
}

static void add_used_by_examples(const Table *table, bool of_stack, Names *used) {
        CLEANUP(strbuf_done) StrBuf name = { 0 }, example = { 0 };
        CLEANUP(man_page_done) ManPage page = { 0 };
        CLEANUP(places_done) Places places = { 0 };
        bool says;

        find_places(table, "", &places);
        open_page(&page);
        while (man_page_next_example(&page, &name, &example, &says)) {
                CLEANUP(arena_done) Arena arena = { 0 };
                CLEANUP(source_done) Source source = { 0 };
                CLEANUP(diagnostics_done) Diagnostics d = { 0 };
                Document *documents = NULL;

                if (says || is_stack(&name) != of_stack)
                        continue;
                ck_assert_int_eq(source_from_text(&source, strbuf_string(&name),
                                                 strbuf_string(&example), example.len),
                                0);
                d.source = &source;
                ck_assert_int_eq(yaml_read(&source, &arena, &d, &documents), 0);
                for (const Document *i = documents; i; i = i->next)
                        if (i->root)
                                add_used(table, i->root, &places, used);
        }
}

/* Attributes that the page describes together, by .TQ, are one entry: it needs one example. */
static void expect_examples(const Table *table, bool of_stack) {
        CLEANUP(strbuf_done) Names used = { 0 };
        CLEANUP(strbuf_done) StrBuf macro = { 0 }, tag = { 0 }, missing = { 0 }, entry = { 0 };
        CLEANUP(man_page_done) ManPage page = { 0 };
        bool found = true;

        add_used_by_examples(table, of_stack, &used);
        open_page(&page);
        for (bool more = true; more;) {
                more = man_page_next_tag(&page, &macro, &tag);
                if (more
                                && (!STREQ(strbuf_string(&macro), "B")
                                                || STREQ(strbuf_string(&page.section), "STACKS")
                                                                   != of_stack))
                        continue;
                if (!more || !page.continued) {
                        if (!found)
                                strbuf_append_all(&missing, " ", strbuf_string(&entry), NULL);
                        strbuf_clear(&entry);
                        strbuf_append(&entry, strbuf_string(&tag));
                        found = false;
                }
                found = found || names_contain(&used, strbuf_string(&tag));
        }
        ck_assert_msg(missing.len == 0, "without an example:%s", strbuf_string(&missing));
}

START_TEST(each_attribute_of_a_manifest_is_in_an_example) {
        expect_examples(manifest_table(), false);
}
END_TEST

START_TEST(each_attribute_of_a_stack_definition_is_in_an_example) {
        expect_examples(stack_definition_table(), true);
}
END_TEST

CHECK_MAIN("examples", TEST(the_generator_says_to_each_example_what_the_manual_says),
                TEST(each_attribute_of_a_manifest_is_in_an_example),
                TEST(each_attribute_of_a_stack_definition_is_in_an_example))

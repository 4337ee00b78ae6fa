/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "generator.h"
#include "unit_syntax.h"
#include "yaml_tree.h"

/* libFuzzer's target for the whole path text -> manifest -> units, with a stack definition beside
 * the manifest, so that templates are tried, too. What must hold of any text: no crash, the same
 * units and problems again, every unit is one that systemd reads as it looks, and every document
 * reads back as itself when it is written. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Result {
        Generator generator;
        UnitTree tree;
        StrBuf problems;
} Result;

static void result_done(Result *r) {
        generator_done(&r->generator);
        unit_tree_done(&r->tree);
        strbuf_done(&r->problems);
}

static void collect(const Diagnostics *d, void *userdata) {
        Result *r = userdata;

        for (size_t i = 0; i < d->n; i++) {
                diagnostic_print(d, &d->items[i], 0, &r->problems);
                diagnostic_print_json(d, &d->items[i], &r->problems);
        }
}

/* An input: a manifest, then, each after a line "%%%", a drop-in of it and stack definitions. */
enum { MANIFEST, DROP_IN, STACKS, PARTS };

typedef struct Input {
        Source parts[PARTS];
        size_t n;
} Input;

static void input_done(Input *i) {
        for (size_t k = 0; k < i->n; k++)
                source_done(&i->parts[k]);
}

static void input_split(Input *i, const char *text, size_t size) {
        static const char *const names[] = { "/etc/workers/fuzz.yaml",
                "/etc/workers/fuzz.yaml.d/a.yaml", "/etc/workers/stacks/fuzz.yaml" };
        static const char separator[] = "\n%%%\n";

        for (bool more = true; more && i->n < PARTS; i->n++) {
                const char *at = memmem(text, size, separator, strlen(separator));
                size_t n = at ? (size_t) (at - text) : size;
                if (source_from_text(&i->parts[i->n], names[i->n], text, n) < 0)
                        abort();
                more = at;
                n += at ? strlen(separator) : 0;
                text += n;
                size -= n;
        }
}

static void run(const Input *i, Result *r) {
        *r = (Result){
                .generator
                = { .sink = collect, .userdata = r, .host = { -1 }, .systemd_version = 252 }
        };
        Generator *g = &r->generator;
        if ((i->n > STACKS && generator_add_stacks(g, &i->parts[STACKS]) < 0)
                        || generator_add_source(g, &i->parts[MANIFEST], &i->parts[DROP_IN],
                                           i->n > DROP_IN ? 1 : 0, &r->tree)
                                           < 0
                        || generator_finish(g, &r->tree) < 0)
                abort();
}

/* What is not for everybody is a configuration or a key. */
static bool is_unit(const UnitFile *f) {
        return f->mode == 0644;
}

static void check_units(const UnitTree *tree) {
        for (const UnitFile *f = tree->first; f; f = f->next) {
                UnitSyntax u = { 0 };
                unsigned line;
                if (f->size != strlen(f->content) && is_unit(f))
                        abort();
                if (is_unit(f) && unit_syntax_read(f->content, f->size, &u, &line) < 0) {
                        (void) fprintf(stderr, "%s:%u is not the syntax of a unit\n%s\n", f->path,
                                        line, f->content);
                        abort();
                }
                unit_syntax_done(&u);
        }
}

/* What the stackSpec of a manifest, a mapping too, goes through. */
static void check_documents(const Source *source) {
        Arena arena = { 0 };
        Diagnostics d = { .source = source };
        Document *documents = NULL;

        if (yaml_read(source, &arena, &d, &documents) < 0)
                abort();
        for (const Document *i = documents; i; i = i->next)
                if (i->root && i->root->kind == NODE_MAPPING && !i->incomplete && d.n_errors == 0
                                && !yaml_tree_reads_back(i->root))
                        abort();
        diagnostics_done(&d);
        arena_done(&arena);
}

static void compare(const Result *a, const Result *b) {
        const UnitFile *i = a->tree.first, *k = b->tree.first;

        for (; i && k; i = i->next, k = k->next)
                if (!STREQ(i->path, k->path) || i->size != k->size
                                || memcmp(i->content, k->content, i->size) != 0)
                        abort();
        if (i || k || !STREQ(strbuf_string(&a->problems), strbuf_string(&b->problems)))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input input = { 0 };
        Result first, second;

        input_split(&input, size > 0 ? (const char *) data : "", size);
        run(&input, &first);
        run(&input, &second);
        check_units(&first.tree);
        check_documents(&input.parts[MANIFEST]);
        compare(&first, &second);
        result_done(&first);
        result_done(&second);
        input_done(&input);
        return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "generator.h"
#include "json-schema.h"

typedef struct Printer {
        bool json;
} Printer;

static void print(const Diagnostics *d, void *userdata) {
        const Printer *p = userdata;
        FILE *f = p->json ? stdout : stderr;
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        for (size_t i = 0; i < d->n; i++)
                if (p->json)
                        diagnostic_print_json(d, &d->items[i], &b);
                else
                        diagnostic_print(d, &d->items[i], isatty(fileno(f)) ? DIAGNOSTIC_COLOR : 0,
                                        &b);
        (void) fputs(strbuf_string(&b), f);
}

static int verify_file(Generator *g, const char *path) {
        CLEANUP(unit_tree_done) UnitTree tree = { 0 };
        CLEANUP(source_done) Source source = { 0 };

        int r = source_read(&source, AT_FDCWD, path, path);
        if (r == -ENOENT && access(path, F_OK) < 0) {
                (void) fprintf(stderr, "%s: no such file\n", path);
                g->n_refused++;
                return 0;
        }
        return r < 0 ? generator_add_unreadable(g, path, r, &tree)
                     : generator_add_source(g, &source, NULL, 0, &tree);
}

int verify_files(int root_fd, char **files, bool json) {
        Printer printer = { .json = json };
        CLEANUP(generator_done)
        Generator g = { .sink = print,
                .userdata = &printer,
                .host = { root_fd },
                .systemd_version = SYSTEMD_VERSION,
                .lint = true };

        int r = generator_load_stacks(&g, root_fd);
        for (; r == 0 && *files; files++)
                r = verify_file(&g, *files);
        if (r < 0) {
                (void) fprintf(stderr, "worker-generator: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        return g.n_refused > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int verify_print_schema(void) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        print_json_schema(&b);
        if (strbuf_error(&b) < 0 || fputs(strbuf_string(&b), stdout) < 0 || fflush(stdout) != 0)
                return EXIT_FAILURE;
        return EXIT_SUCCESS;
}

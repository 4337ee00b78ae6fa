/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "generator.h"
#include "json-schema.h"
#include "log.h"

static void print_text(const Diagnostics *d, void *userdata) {
        (void) userdata;
        log_print(d);
}

static void print_json(const Diagnostics *d, void *userdata) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        (void) userdata;
        for (size_t i = 0; i < d->n; i++)
                diagnostic_print_json(d, &d->items[i], &b);
        (void) fputs(strbuf_string(&b), stdout);
}

/* Whether path is a file of one of the manifest directories. */
static bool is_installed(const char *path) {
        const char *slash = strrchr(path, '/');

        for (const char *const *d = manifest_directories; slash && *d; d++)
                if (strlen(*d) == (size_t) (slash - path) && startswith(path, *d))
                        return true;
        return false;
}

/* The drop-ins of an installed manifest are those of all manifest directories, those of another
 * file are in PATH.d beside it. */
static int read_drop_ins(Generator *g, int root_fd, const char *path, Source **ret, size_t *ret_n,
                UnitTree *tree) {
        CLEANUP(found_files_done) FoundFiles found = { 0 };
        CLEANUP(freep) char *real = realpath(path, NULL);
        const char *name = real ? strrchr(real, '/') + 1 : NULL;

        if (!real)
                return 0;
        if (is_installed(real)) {
                int r = search_manifests(root_fd, NULL, &found);
                return r < 0 ? r
                             : generator_read_drop_ins(g, root_fd, &found, name, ret, ret_n, tree);
        }

        CLEANUP(freep) char *directory = NULL;
        CLEANUP(closep) int slash_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (asprintf(&directory, "%s.d", real) < 0)
                return -ENOMEM;
        FoundFile drop_in = { .path = directory, .name = strrchr(directory, '/') + 1 };
        const FoundFiles beside = { .drop_ins = &drop_in, .n_drop_ins = 1 };
        return generator_read_drop_ins(g, slash_fd, &beside, name, ret, ret_n, tree);
}

int verify_file(Generator *g, int root_fd, const char *path, UnitTree *tree) {
        CLEANUP(source_done) Source source = { 0 };
        CLEANUP(sources_done) Source *drop_ins = NULL;
        size_t n = 0;

        int r = source_read(&source, AT_FDCWD, path, path);
        if (r == -ENOENT && access(path, F_OK) < 0) {
                (void) fprintf(stderr, "%s: no such file\n", path);
                g->n_refused++;
                return 0;
        }
        if (r < 0)
                return generator_add_unreadable(g, path, r, tree);

        r = read_drop_ins(g, root_fd, path, &drop_ins, &n, tree);
        return r < 0 ? r : generator_add_source(g, &source, drop_ins, n, tree);
}

int verify_files(int root_fd, char **files, bool json) {
        CLEANUP(generator_done)
        Generator g = { .sink = json ? print_json : print_text,
                .host = { root_fd },
                .systemd_version = SYSTEMD_VERSION,
                .lint = true };

        int r = generator_load_stacks(&g, root_fd);
        for (; r == 0 && *files; files++) {
                CLEANUP(unit_tree_done) UnitTree tree = { 0 };
                r = verify_file(&g, root_fd, *files, &tree);
        }
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

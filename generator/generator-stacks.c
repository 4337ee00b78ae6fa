/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "generator.h"
#include "search-path.h"

/* Reading the stack definitions, which stay in memory as long as the generator. */

int generator_add_stacks(Generator *g, const Source *source) {
        CLEANUP(diagnostics_done) Diagnostics d = { .source = source };
        Document *documents = NULL;

        int r = yaml_read(source, &g->stack_arena, &d, &documents);
        for (const Document *i = documents; r == 0 && i; i = i->next)
                if (i->root && !node_is_null(i->root))
                        r = stack_read(source, i, &g->stack_arena, &d, &g->stacks);
        if (r < 0 || d.out_of_memory)
                return -ENOMEM;

        diagnostics_sort(&d);
        if (g->sink && d.n > 0)
                g->sink(&d, g->userdata);
        return 0;
}

int generator_load_stacks(Generator *g, int root_fd) {
        CLEANUP(found_files_done) FoundFiles files = { 0 };

        int r = search_manifests(root_fd, "stacks", &files);
        if (r < 0 || files.n == 0)
                return r;

        g->stack_sources = calloc(files.n, sizeof(Source));
        if (!g->stack_sources)
                return -ENOMEM;

        for (size_t i = 0; i < files.n; i++) {
                const char *path = files.items[i].path;
                Source *source = &g->stack_sources[g->n_stack_sources];
                r = source_read(source, root_fd, path_below_root(path), path);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        continue; /* a worker that needs it says that it is missing */
                g->n_stack_sources++;
                r = generator_add_stacks(g, source);
                if (r < 0)
                        return r;
        }
        return 0;
}

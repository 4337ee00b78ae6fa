/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest-target.h"

#include <errno.h>
#include <stdio.h>

#include "verify.h"

/* Warnings are for 'workerctl verify'. */
static void print_refusal(const Diagnostics *d, void *userdata) {
        (void) userdata;
        if (d->n_errors > 0)
                verify_print(d);
}

/* Takes the text out of the only target in the tree. */
static int take_target(const char *path, UnitTree *tree, char **ret) {
        UnitFile *target = NULL;

        for (UnitFile *f = tree->first; f; f = f->next) {
                if (!endswith(f->path, ".target"))
                        continue;
                if (target) {
                        fprintf(stderr,
                                        "workerctl: %s: describes several workers: copy the one "
                                        "that is meant into a file of its own\n",
                                        path);
                        return -EINVAL;
                }
                target = f;
        }
        if (!target) {
                fprintf(stderr,
                                "workerctl: %s: no worker in it whose stack is installed here, see "
                                "'workerctl verify %s'\n",
                                path, path);
                return -EINVAL;
        }
        *ret = TAKE_PTR(target->content);
        return 0;
}

int manifest_target(int root_fd, const char *path, char **ret) {
        CLEANUP(unit_tree_done) UnitTree tree = { 0 };
        CLEANUP(generator_done)
        Generator g = { .sink = print_refusal,
                .host = { root_fd },
                .systemd_version = SYSTEMD_VERSION,
                .lint = true };

        int r = generator_load_stacks(&g, root_fd);
        if (r == 0)
                r = verify_file(&g, root_fd, path, &tree);
        if (r < 0) {
                fprintf(stderr, "workerctl: %s: %s\n", path, strerror(-r));
                return r;
        }
        return g.n_refused > 0 ? -EINVAL : take_target(path, &tree, ret);
}

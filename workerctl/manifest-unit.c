/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest-unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "log.h"
#include "verify.h"

/* Warnings are for 'workerctl verify'. */
static void print_refusal(const Diagnostics *d, void *userdata) {
        (void) userdata;
        if (d->n_errors > 0)
                log_print(d);
}

/* Takes the text out of the only unit in the tree that ends so. */
static int take_unit(
                const char *path, const char *suffix, UnitTree *tree, char **ret_name, char **ret) {
        UnitFile *unit = NULL;

        for (UnitFile *f = tree->first; f; f = f->next) {
                if (!endswith(f->path, suffix))
                        continue;
                if (unit) {
                        fprintf(stderr,
                                        "workerctl: %s: describes several workers: copy the one "
                                        "that is meant into a file of its own\n",
                                        path);
                        return -EINVAL;
                }
                unit = f;
        }
        if (!unit) {
                fprintf(stderr,
                                "workerctl: %s: no worker in it whose stack is installed here, see "
                                "'workerctl verify %s'\n",
                                path, path);
                return -EINVAL;
        }
        if (ret_name && !(*ret_name = strdup(unit->path)))
                return -ENOMEM;
        *ret = TAKE_PTR(unit->content);
        return 0;
}

bool is_manifest_file(const char *path) {
        return endswith(path, ".yaml") || endswith(path, ".yml");
}

int manifest_unit(const char *path, const char *suffix, char **ret_name, char **ret) {
        CLEANUP(closep) int root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP(unit_tree_done) UnitTree tree = { 0 };
        CLEANUP(generator_done)
        Generator g = { .sink = print_refusal,
                .host = { root_fd },
                .systemd_version = SYSTEMD_VERSION,
                .lint = true };

        int r = root_fd < 0 ? -errno : generator_load_stacks(&g, root_fd);
        if (r == 0)
                r = verify_file(&g, root_fd, path, &tree);
        if (r < 0) {
                fprintf(stderr, "workerctl: %s: %s\n", path, strerror(-r));
                return r;
        }
        return g.n_refused > 0 ? -EINVAL : take_unit(path, suffix, &tree, ret_name, ret);
}

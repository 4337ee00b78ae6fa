/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>

#include "options.h"
#include "verbs.h"

static const char help[] = "workerctl verify FILE...\n\n"
                           "Check manifests as worker-generator --verify does.\n";

int verb_verify(int argc, char **argv) {
        Options options;
        int status;

        if (options_parse(argc, argv, false, help, &options, &status) <= 0)
                return status;
        if (optind >= argc) {
                fprintf(stderr, "workerctl: verify needs a file, see 'workerctl verify --help'\n");
                return 2;
        }

        size_t n = (size_t) (argc - optind);
        char **arguments = calloc(n + 4, sizeof(char *));
        if (!arguments) {
                fprintf(stderr, "workerctl: %s\n", strerror(ENOMEM));
                return EXIT_FAILURE;
        }
        arguments[0] = (char *) "worker-generator";
        arguments[1] = (char *) "--verify";
        arguments[2] = (char *) "--";
        memcpy(arguments + 3, argv + optind, n * sizeof(char *));
        (void) execv(GENERATORDIR "/worker-generator", arguments);
        fprintf(stderr, "workerctl: '%s' can't be run: %s\n", GENERATORDIR "/worker-generator",
                        strerror(errno));
        free(arguments);
        return EXIT_FAILURE;
}

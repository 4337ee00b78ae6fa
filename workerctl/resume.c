/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "options.h"
#include "scaler.h"
#include "verbs.h"

static const char help[] = "workerctl resume ID...\n\n"
                           "Scale these workers by their policy again.\n";

int verb_resume(int argc, char **argv) {
        Options options;
        int status;

        if (options_parse(argc, argv, false, help, &options, &status) <= 0)
                return status;
        if (optind >= argc) {
                fprintf(stderr, "workerctl: resume needs a worker, see 'workerctl list'\n");
                return 2;
        }
        return scaler_order("Resume", argv + optind, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "options.h"
#include "scaler.h"
#include "verbs.h"

static const char help[]
                = "workerctl pause ID...\n\n"
                  "Scale these workers no further: nothing is started or stopped until they are\n"
                  "resumed.\n";

int verb_pause(int argc, char **argv) {
        Options options;
        int status;

        if (options_parse(argc, argv, false, help, &options, &status) <= 0)
                return status;
        if (optind >= argc) {
                fprintf(stderr, "workerctl: pause needs a worker, see 'workerctl list'\n");
                return 2;
        }
        return scaler_order("Pause", argv + optind, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "number.h"
#include "options.h"
#include "scaler.h"
#include "verbs.h"

static const char help[] = "workerctl scale ID N\n\n"
                           "Keep N instances of a worker, whatever its policy says, until it is\n"
                           "resumed. N may be below MinReplicas= but not above MaxReplicas=.\n";

int verb_scale(int argc, char **argv) {
        Options options;
        unsigned count;
        int status;

        if (options_parse(argc, argv, false, help, &options, &status) <= 0)
                return status;
        if (argc - optind != 2) {
                fprintf(stderr, "workerctl: scale needs a worker and a number\n");
                return 2;
        }
        if (parse_unsigned(argv[optind + 1], &count) < 0) {
                fprintf(stderr, "workerctl: '%s' is no number of instances\n", argv[optind + 1]);
                return 2;
        }
        char *ids[] = { argv[optind], NULL };
        return scaler_order("Scale", ids, &count);
}

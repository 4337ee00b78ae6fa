/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include <getopt.h>
#include <stdio.h>

int options_parse(int argc, char **argv, bool allow_json, const char *help, Options *ret,
                int *ret_status) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "json", no_argument, NULL, 'j' },
                { 0 },
        };

        *ret = (Options){ 0 };
        for (int c; (c = getopt_long(argc, argv, "hj", options, NULL)) >= 0;) {
                if (c == 'h') {
                        fputs(help, stdout);
                        *ret_status = EXIT_SUCCESS;
                        return 0;
                }
                if (c != 'j' || !allow_json) {
                        if (c == 'j')
                                fprintf(stderr, "workerctl: '%s' has no --json\n", argv[0]);
                        *ret_status = 2;
                        return 0;
                }
                ret->json = true;
        }
        return 1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* The options that most verbs share. What is left of argv begins at optind. */

typedef struct Options {
        bool json;
} Options;

/* allow_json: the verb has --json. Returns 1 to go on, else *ret_status is what the program exits
 * with: after --help, or 2 for what is not understood. */
int options_parse(int argc, char **argv, bool allow_json, const char *help, Options *ret,
                int *ret_status);

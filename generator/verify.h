/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* The generator as a linter. Both return an exit code. */

/* Checks NULL-terminated files; problems go to standard output as JSON or to standard error as
 * text. */
int verify_files(int root_fd, char **files, bool json);

/* Prints the JSON Schema of the manifest to standard output. */
int verify_print_schema(void);

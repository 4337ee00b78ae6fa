/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "generator.h"

/* The generator as a linter. Both return an exit code. */

/* Checks NULL-terminated files; problems go to standard output as JSON or to standard error as
 * text. */
int verify_files(int root_fd, char **files, bool json);

/* Prints the JSON Schema of the manifest to standard output. */
int verify_print_schema(void);

/* Judges one file with its drop-ins, as it would be judged if it were installed, and adds its units
 * to the tree; what is wrong goes to the sink of g. Returns 0 or negative errno. */
int verify_file(Generator *g, int root_fd, const char *path, UnitTree *tree);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"

/* What tests that run programs need. Failures of their own end the test. */

/* Where the sources are, and where the programs were built. */
const char *source_directory(void);
const char *build_directory(void);

/* Runs a command of the shell. Returns its exit status, -1 when a signal ended it; what it wrote to
 * standard output is appended. */
int run_command(const char *command, StrBuf *output);

/* Writes a new file for its owner. */
void write_new_file(const char *path, const StrBuf *text);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <dirent.h>

#include "file_tree.h"

/* The cases of golden/, and how their expected files are written:
 * - a line "@include NAME" stands for the lines of golden/.include/NAME, which many units share;
 * - "@workersdir@" stands for where configure puts programs and plugins. */

typedef struct GoldenCases {
        char *directory;         /* owned */
        struct dirent **entries; /* owned; in byte order */
        int n;
} GoldenCases;

GoldenCases golden_cases_list(void);
void golden_cases_done(GoldenCases *g);

/* CASE/NAME; the caller frees it. */
char *golden_path(const GoldenCases *g, int i, const char *name);

/* Reads the expected units of a case, included lines in their places. Returns 0 or negative errno.
 */
int golden_read_units(const GoldenCases *g, int i, FileTree *ret);

/* Replaces *text, which is owned, by a copy with all of "from" replaced. */
void replace_all(char **text, const char *from, const char *to);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"

/* The text of one file, kept as it was read: diagnostics show its lines long after parsing, and
 * must show what was parsed even when the file has changed since. */

enum { SOURCE_SIZE_MAX = 1024 * 1024 };

typedef struct Source {
        char *path; /* owned; as the administrator knows it */
        char *text; /* owned; NUL-terminated */
        size_t size;
        bool public; /* every user of the host can read the file */
} Source;

/* A place in a source; lines and columns count from 1, columns in characters. Line 0 is the file as
 * a whole. */
typedef struct Mark {
        unsigned line;
        unsigned column;
        unsigned length;      /* characters to underline, at least 1 */
        const Source *source; /* not owned; NULL: that of the list the diagnostic is in */
} Mark;

void source_done(Source *s);

/* Reads a regular file. path is where it is opened below dir_fd, name what messages call it.
 * Returns 0 or negative errno (-EFBIG: larger than SOURCE_SIZE_MAX); *s is written on success only.
 */
int source_read(Source *s, int dir_fd, const char *path, const char *name);

/* Takes a copy of text. Returns 0 or -ENOMEM. */
int source_from_text(Source *s, const char *name, const char *text, size_t size);

/* The n-th line, from 1, without its line break; NULL when there are fewer. Belongs to the source.
 */
const char *source_line(const Source *s, unsigned n, size_t *ret_size);

/* The place of the character at an offset in bytes. */
Mark source_mark(const Source *s, size_t offset);

/* The character at the mark; NULL when there is none. Belongs to the source. */
const char *source_at(const Source *s, Mark mark);

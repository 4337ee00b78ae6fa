/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "strbuf.h"

/* Reads unit files as systemd does, but strictly: what systemd would warn about, ignore or read
 * differently than it looks is an error here. Written from systemd.syntax(7), systemd.unit(5)
 * "Specifiers" and systemd.service(5) "Command lines", and shares nothing with what writes units.
 */

typedef struct UnitLine {
        char *section;
        char *key;
        char *value;
} UnitLine;

typedef struct UnitSyntax {
        UnitLine *lines; /* owned; in the order of the file, comments left out */
        size_t n;
} UnitSyntax;

void unit_syntax_done(UnitSyntax *u);

/* Returns 0; or -EINVAL, and *ret_line is then the number of the line. */
int unit_syntax_read(const char *text, size_t size, UnitSyntax *ret, unsigned *ret_line);

/* The n-th assignment (from 0) of a key; NULL when there are fewer. */
const char *unit_syntax_find(const UnitSyntax *u, const char *section, const char *key, size_t n);

typedef enum UnquoteFlags {
        UNQUOTE_COMMAND = 1 << 0,    /* ExecStart=: "$$" is '$', any other '$' is an error */
        UNQUOTE_SPECIFIERS = 1 << 1, /* "%i" and the like stay; else only "%%" is allowed */
} UnquoteFlags;

/* Takes the next word of *value, which is moved behind it, into b, quotes and escapes resolved.
 * Returns 1, 0 at the end, -EINVAL. */
int unit_unquote(const char **value, unsigned flags, StrBuf *b);

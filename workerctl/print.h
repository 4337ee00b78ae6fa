/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "strbuf.h"

/* How verbs write: colors on a terminal only, JSON on demand. */

typedef enum Color {
        COLOR_NORMAL,
        COLOR_GOOD,
        COLOR_WARN,
        COLOR_BAD,
        COLOR_DIM,
} Color;

/* The escape sequence, "" when standard output is no terminal, $NO_COLOR is set or $TERM is dumb.
 */
const char *color(Color c);

/* Appends one member of an object, with a comma before it where one belongs. A number that is
 * negative or not finite is null. */
void json_open(StrBuf *b, char bracket);
void json_close(StrBuf *b, char bracket);
void json_key(StrBuf *b, const char *key);
void json_string(StrBuf *b, const char *key, const char *value);
void json_count(StrBuf *b, const char *key, uint64_t value);
void json_number(StrBuf *b, const char *key, double value);
void json_bool(StrBuf *b, const char *key, bool value);

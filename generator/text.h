/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "strbuf.h"

/* Text that others wrote, made safe to show, and compared. Pure. */

/* Bytes of the UTF-8 character at s (size >= 1), 1 for a byte that starts none. */
size_t utf8_length(const char *s, size_t size);

/* Whether the text holds a control character (C0, DEL, C1) other than line break and tab. */
bool has_control_character(const char *s, size_t size);

/* Appends text with control characters and invalid bytes as \xNN and line breaks as \n, cut with
 * "…" after about max bytes. */
void append_printable(StrBuf *b, const char *s, size_t size, size_t max);

/* Does the same to what stands in the buffer from begin on. */
void make_printable(StrBuf *b, size_t begin, size_t max);

/* Whether a path can stand in BindPaths= and its like as it is: no part is empty (but that before a
 * leading and after a trailing '/'), "." or "..", and nothing in it separates or escapes there. */
bool path_is_plain(const char *s);

/* Whether a text can be the whole value of a directive as it is: one line of printable characters,
 * no blank at either end, no backslash at its end. systemd.syntax(7) */
bool text_is_one_value(const char *s);

/* [A-Za-z_][A-Za-z0-9_]* */
bool environment_name_is_valid(const char *s);

/* Appends a JSON string with its quotes. */
void append_json_string(StrBuf *b, const char *s);

/* The entry of a NULL-terminated list that is nearest to s by edit distance (insertion, deletion,
 * substitution, transposition), ignoring case; NULL when none is near enough to be meant. */
const char *nearest_string(const char *s, const char *const *list);

/* The edit distance of a and b, or a number above max when it is larger than max. */
unsigned edit_distance(const char *a, const char *b, unsigned max);

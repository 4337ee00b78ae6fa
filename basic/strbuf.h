/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* A growing string. Errors are sticky: after an allocation has failed every further call does
 * nothing, and strbuf_finish() or strbuf_error() tells. So text can be built without a check on
 * each line, and none is ever lost unnoticed. The content is always NUL-terminated. */

typedef struct StrBuf {
        char *data; /* owned; NULL as long as nothing was appended */
        size_t len;
        size_t allocated;
        bool failed;
} StrBuf;

/* Frees the content and makes the buffer empty and usable again. */
void strbuf_done(StrBuf *b);

/* Empties the buffer, keeps its memory and its error. */
void strbuf_clear(StrBuf *b);

/* Cuts the content to len characters, which must not be more than there are. */
void strbuf_truncate(StrBuf *b, size_t len);

/* Makes the content n characters longer and returns where they begin, to be written by the caller;
 * NULL after a failure. */
char *strbuf_extend(StrBuf *b, size_t n);

void strbuf_append_n(StrBuf *b, const char *s, size_t n);

/* Inline, so that the length of a literal is a constant. */
static inline void strbuf_append(StrBuf *b, const char *s) {
        strbuf_append_n(b, s, strlen(s));
}

static inline void strbuf_append_char(StrBuf *b, char c) {
        strbuf_append_n(b, &c, 1);
}

/* Decimal digits, without the cost of a format. */
void strbuf_append_u64(StrBuf *b, uint64_t value);

/* Appends all of the strings, the last of which is NULL. */
void strbuf_append_all(StrBuf *b, ...) __attribute__((sentinel));
void strbuf_printf(StrBuf *b, const char *format, ...) PRINTF(2, 3);
void strbuf_vprintf(StrBuf *b, const char *format, va_list ap) PRINTF(2, 0);

/* The content, "" when empty. Belongs to the buffer. */
const char *strbuf_string(const StrBuf *b);

/* Lets b fail when part has failed, whose text comes into b or goes with it. */
void strbuf_inherit(StrBuf *b, const StrBuf *part);

/* 0, or -ENOMEM when an earlier call failed. */
int strbuf_error(const StrBuf *b);

/* Hands the string over to the caller, who frees it, and empties the buffer.
 * Returns 0 or -ENOMEM; *ret is written on success only. */
int strbuf_finish(StrBuf *b, char **ret);

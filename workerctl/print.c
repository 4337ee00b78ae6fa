/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "print.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

const char *color(Color c) {
        static const char *const sequences[] = {
                [COLOR_NORMAL] = "\x1b[0m",
                [COLOR_GOOD] = "\x1b[1;32m",
                [COLOR_WARN] = "\x1b[1;33m",
                [COLOR_BAD] = "\x1b[1;31m",
                [COLOR_DIM] = "\x1b[2m",
        };
        const char *term = getenv("TERM"), *none = getenv("NO_COLOR");

        if (!isatty(STDOUT_FILENO) || (none && *none) || !term || STREQ(term, "dumb"))
                return "";
        return sequences[c];
}

static void comma(StrBuf *b) {
        size_t n = b->len;
        if (n > 0 && !strchr("[{:\n", strbuf_string(b)[n - 1]))
                strbuf_append_char(b, ',');
}

void json_open(StrBuf *b, char bracket) {
        comma(b);
        strbuf_append_char(b, bracket);
}

void json_close(StrBuf *b, char bracket) {
        strbuf_append_char(b, bracket);
}

static void append_quoted(StrBuf *b, const char *s) {
        strbuf_append_char(b, '"');
        for (; *s; s++) {
                if (*s == '"' || *s == '\\')
                        strbuf_printf(b, "\\%c", *s);
                else if ((unsigned char) *s < 0x20)
                        strbuf_printf(b, "\\u%04x", (unsigned) *s);
                else
                        strbuf_append_char(b, *s);
        }
        strbuf_append_char(b, '"');
}

void json_key(StrBuf *b, const char *key) {
        comma(b);
        append_quoted(b, key);
        strbuf_append_char(b, ':');
}

void json_string(StrBuf *b, const char *key, const char *value) {
        json_key(b, key);
        append_quoted(b, value);
}

void json_count(StrBuf *b, const char *key, uint64_t value) {
        json_key(b, key);
        strbuf_printf(b, "%" PRIu64, value);
}

void json_number(StrBuf *b, const char *key, double value) {
        json_key(b, key);
        if (isfinite(value) && value >= 0)
                strbuf_printf(b, "%.6g", value);
        else
                strbuf_append(b, "null");
}

void json_bool(StrBuf *b, const char *key, bool value) {
        json_key(b, key);
        strbuf_append(b, value ? "true" : "false");
}

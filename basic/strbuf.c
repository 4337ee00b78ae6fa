/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "strbuf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

enum { STRBUF_FIRST_ALLOCATION = 128 };

void strbuf_done(StrBuf *b) {
        free(b->data);
        *b = (StrBuf){ 0 };
}

void strbuf_truncate(StrBuf *b, size_t len) {
        b->len = len;
        if (b->data)
                b->data[len] = '\0';
}

void strbuf_clear(StrBuf *b) {
        strbuf_truncate(b, 0);
}

static bool grow(StrBuf *b, size_t n) {
        if (b->failed)
                return false;
        if (n >= SIZE_MAX / 2 - b->len) {
                b->failed = true;
                return false;
        }

        size_t need = b->len + n + 1;
        size_t size = b->allocated ? b->allocated : STRBUF_FIRST_ALLOCATION;
        while (size < need)
                size *= 2;

        char *data = realloc(b->data, size);
        if (!data) {
                b->failed = true;
                return false;
        }

        b->data = data;
        b->allocated = size;
        return true;
}

/* Makes room for n more characters and the final NUL; there is some already for most texts. */
static inline bool reserve(StrBuf *b, size_t n) {
        return (!b->failed && n < b->allocated - b->len) || grow(b, n);
}

char *strbuf_extend(StrBuf *b, size_t n) {
        if (!reserve(b, n))
                return NULL;

        char *p = b->data + b->len;
        b->len += n;
        b->data[b->len] = '\0';
        return p;
}

void strbuf_append_n(StrBuf *b, const char *s, size_t n) {
        char *p = strbuf_extend(b, n);
        if (p && n > 0) /* s may be NULL */
                memcpy(p, s, n);
}

void strbuf_append_u64(StrBuf *b, uint64_t value) {
        char digits[20]; /* of UINT64_MAX */
        size_t n = sizeof(digits);

        do
                digits[--n] = (char) ('0' + value % 10);
        while ((value /= 10) > 0);
        strbuf_append_n(b, digits + n, sizeof(digits) - n);
}

void strbuf_append_all(StrBuf *b, ...) {
        va_list ap;

        va_start(ap, b);
        for (const char *s; (s = va_arg(ap, const char *));)
                strbuf_append(b, s);
        va_end(ap);
}

void strbuf_vprintf(StrBuf *b, const char *format, va_list ap) {
        va_list again;
        va_copy(again, ap);

        /* most texts fit into what is there already: then one pass is enough */
        size_t room = reserve(b, STRBUF_FIRST_ALLOCATION) ? b->allocated - b->len : 0;
        int n = room > 0 ? vsnprintf(b->data + b->len, room, format, ap) : 0;
        if (n < 0)
                b->failed = true;
        else if ((size_t) n >= room && reserve(b, (size_t) n))
                (void) vsnprintf(b->data + b->len, (size_t) n + 1, format, again);

        if (b->failed)
                strbuf_truncate(b, b->len);
        else
                b->len += (size_t) n;
        va_end(again);
}

void strbuf_printf(StrBuf *b, const char *format, ...) {
        va_list ap;
        va_start(ap, format);
        strbuf_vprintf(b, format, ap);
        va_end(ap);
}

const char *strbuf_string(const StrBuf *b) {
        return b->data ? b->data : "";
}

void strbuf_inherit(StrBuf *b, const StrBuf *part) {
        b->failed = b->failed || part->failed;
}

int strbuf_error(const StrBuf *b) {
        return b->failed ? -ENOMEM : 0;
}

int strbuf_finish(StrBuf *b, char **ret) {
        strbuf_append_n(b, "", 0); /* so that an empty buffer yields "" */
        if (b->failed)
                return -ENOMEM;

        *ret = TAKE_PTR(b->data);
        *b = (StrBuf){ 0 };
        return 0;
}

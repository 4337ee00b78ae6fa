/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "names.h"

bool names_contain(const Names *n, const char *name) {
        CLEANUP(strbuf_done) StrBuf line = { 0 };
        strbuf_printf(&line, "\n%s\n", name);
        return strstr(strbuf_string(n), strbuf_string(&line));
}

void names_add(Names *n, const char *name) {
        if (n->len == 0)
                strbuf_append_char(n, '\n');
        if (!names_contain(n, name))
                strbuf_printf(n, "%s\n", name);
}

void names_without(const Names *a, const Names *b, StrBuf *ret) {
        const char *p = strbuf_string(a);

        while (*p == '\n' && p[1]) {
                size_t n = strcspn(++p, "\n");
                CLEANUP(strbuf_done) StrBuf name = { 0 };
                strbuf_append_n(&name, p, n);
                if (!names_contain(b, strbuf_string(&name)))
                        strbuf_printf(ret, " %s", strbuf_string(&name));
                p += n;
        }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit_syntax.h"

#include <errno.h>
#include <string.h>

#include "macro.h"

#define WHITESPACE " \t\n\r"

enum { LINE_MAX_SIZE = 1024 * 1024 }; /* LONG_LINE_MAX of systemd */

void unit_syntax_done(UnitSyntax *u) {
        for (size_t i = 0; i < u->n; i++) {
                free(u->lines[i].section);
                free(u->lines[i].key);
                free(u->lines[i].value);
        }
        free(u->lines);
        *u = (UnitSyntax){ 0 };
}

/* --- lines ----------------------------------------------------------------------------------- */

/* Bytes of a whole UTF-8 character that may stand in a line, 0 for anything else. */
static size_t character(const unsigned char *s, size_t left) {
        static const struct {
                unsigned char first, last, mask, min2, max2;
                size_t n;
        } forms[] = {
                { 0xc2, 0xdf, 0x1f, 0x80, 0xbf, 2 },
                { 0xe0, 0xe0, 0x0f, 0xa0, 0xbf, 3 },
                { 0xe1, 0xec, 0x0f, 0x80, 0xbf, 3 },
                { 0xed, 0xed, 0x0f, 0x80, 0x9f, 3 },
                { 0xee, 0xef, 0x0f, 0x80, 0xbf, 3 },
                { 0xf0, 0xf0, 0x07, 0x90, 0xbf, 4 },
                { 0xf1, 0xf3, 0x07, 0x80, 0xbf, 4 },
                { 0xf4, 0xf4, 0x07, 0x80, 0x8f, 4 },
        };

        if (*s < 0x80)
                return *s >= 0x20 && *s != 0x7f ? 1 : 0;
        for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
                if (*s < forms[i].first || *s > forms[i].last || left < forms[i].n)
                        continue;
                if (s[1] < forms[i].min2 || s[1] > forms[i].max2)
                        return 0;
                for (size_t k = 2; k < forms[i].n; k++)
                        if ((s[k] & 0xc0) != 0x80)
                                return 0;
                return *s == 0xc2 && s[1] < 0xa0 ? 0 : forms[i].n; /* C1: control characters */
        }
        return 0;
}

static bool line_is_clean(const char *s, size_t size) {
        for (size_t n; size > 0; s += n, size -= n) {
                n = character((const unsigned char *) s, size);
                if (n == 0)
                        return false;
        }
        return true;
}

static bool consists_of(const char *s, size_t size, const char *set) {
        for (size_t i = 0; i < size; i++)
                if (s[i] == '\0' || !strchr(set, s[i]))
                        return false;
        return size > 0;
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static int add_line(UnitSyntax *u, const char *section, const char *line, size_t size) {
        const char *equals = memchr(line, '=', size);
        if (!section || !equals
                        || !consists_of(line, (size_t) (equals - line), LETTERS "0123456789-"))
                return -EINVAL;

        UnitLine *lines = reallocarray(u->lines, u->n + 1, sizeof(UnitLine));
        if (!lines)
                return -ENOMEM;
        u->lines = lines;

        const char *value = equals + 1, *end = line + size;
        while (value < end && strchr(WHITESPACE, *value)) /* stripped by systemd, too */
                value++;
        while (end > value && strchr(WHITESPACE, end[-1]))
                end--;
        UnitLine *l = &lines[u->n++];
        *l = (UnitLine){
                .section = strdup(section),
                .key = strndup(line, (size_t) (equals - line)),
                .value = strndup(value, (size_t) (end - value)),
        };
        return l->section && l->key && l->value ? 0 : -ENOMEM;
}

/* Whether it would swallow the next one: a backslash at the end that no other one escapes. */
static bool is_continued(const char *line, size_t size) {
        size_t n = 0;
        while (n < size && line[size - 1 - n] == '\\')
                n++;
        return n % 2 == 1;
}

static int take_line(UnitSyntax *u, char **section, const char *line, size_t size) {
        if (size >= LINE_MAX_SIZE || !line_is_clean(line, size))
                return -EINVAL;
        if (size == 0 || line[0] == '#' || line[0] == ';')
                return 0;
        if (is_continued(line, size))
                return -EINVAL;
        if (line[0] != '[')
                return add_line(u, *section, line, size);
        if (line[size - 1] != ']' || !consists_of(line + 1, size - 2, LETTERS "-"))
                return -EINVAL;

        free(*section);
        *section = strndup(line + 1, size - 2);
        return *section ? 0 : -ENOMEM;
}

int unit_syntax_read(const char *text, size_t size, UnitSyntax *ret, unsigned *ret_line) {
        CLEANUP(unit_syntax_done) UnitSyntax u = { 0 };
        CLEANUP(freep) char *section = NULL;

        for (*ret_line = 1; size > 0; (*ret_line)++) {
                const char *end = memchr(text, '\n', size);
                if (!end)
                        return -EINVAL;
                int r = take_line(&u, &section, text, (size_t) (end - text));
                if (r < 0)
                        return r;
                size -= (size_t) (end + 1 - text);
                text = end + 1;
        }

        *ret = u;
        u = (UnitSyntax){ 0 };
        return 0;
}

const char *unit_syntax_find(const UnitSyntax *u, const char *section, const char *key, size_t n) {
        for (size_t i = 0; i < u->n; i++)
                if (STREQ(u->lines[i].section, section) && STREQ(u->lines[i].key, key) && n-- == 0)
                        return u->lines[i].value;
        return NULL;
}

/* --- words ----------------------------------------------------------------------------------- */

/* systemd.syntax(7), "Supported escapes", as far as something here writes them */
static int unescape(const char **p, StrBuf *b) {
        static const char from[] = "\\\"'nts", to[] = "\\\"'\n\t ";
        const char *at = **p ? strchr(from, **p) : NULL;

        if (!at)
                return -EINVAL;
        strbuf_append_char(b, to[at - from]);
        (*p)++;
        return 0;
}

/* What is left of a word's text after its escapes: specifiers, and variables in commands. */
static int take_character(const char **p, unsigned flags, StrBuf *b) {
        char c = *(*p)++;

        if (c == '%' && **p == '%')
                (*p)++;
        else if (c == '%') {
                if (!(flags & UNQUOTE_SPECIFIERS))
                        return -EINVAL;
        } else if (c == '$' && (flags & UNQUOTE_COMMAND)) {
                if (**p != '$')
                        return -EINVAL;
                (*p)++;
        }
        strbuf_append_char(b, c);
        return 0;
}

int unit_unquote(const char **value, unsigned flags, StrBuf *b) {
        const char *p = *value + strspn(*value, WHITESPACE);
        char quote = 0;

        strbuf_clear(b);
        if (*p == '\0')
                return 0;
        if ((flags & UNQUOTE_COMMAND) && *p == ';') /* would begin another command */
                return -EINVAL;

        for (; *p && (quote || !strchr(WHITESPACE, *p));) {
                int r = 0;
                if (quote ? *p == quote : *p == '"' || *p == '\'') {
                        quote = quote ? (char) 0 : *p;
                        p++;
                } else if (*p == '\\') {
                        p++;
                        r = unescape(&p, b);
                } else
                        r = take_character(&p, flags, b);
                if (r < 0)
                        return r;
        }
        if (quote)
                return -EINVAL;

        *value = p;
        return 1;
}

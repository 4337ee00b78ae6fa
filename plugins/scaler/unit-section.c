/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-section.h"

#include <errno.h>

#include "macro.h"
#include "strbuf.h"

#define WHITESPACE " \t\r\n"

typedef struct Parser {
        const char *section;
        UnitSectionHandler handler;
        void *userdata;
        bool inside; /* the section that was asked for */
        int n;
} Parser;

/* Cuts white space off the end and returns the first character that is none. */
static char *strip(char *s) {
        s += strspn(s, WHITESPACE);
        for (size_t n = strlen(s); n > 0 && strchr(WHITESPACE, s[n - 1]); n--)
                s[n - 1] = '\0';
        return s;
}

/* A backslash that no backslash escapes ends the line: it goes on in the next one. */
static bool is_continued(const char *s, size_t n) {
        size_t backslashes = 0;
        while (backslashes < n && s[n - backslashes - 1] == '\\')
                backslashes++;
        return backslashes % 2 == 1;
}

static int parse_logical_line(Parser *p, char *s, unsigned line) {
        s = strip(s);
        if (*s == '[') {
                size_t n = strlen(p->section);
                p->inside = strncmp(s + 1, p->section, n) == 0 && STREQ(s + 1 + n, "]");
                return 0;
        }

        char *value = strchr(s, '=');
        if (!p->inside || !value || value == s)
                return 0;

        *value = '\0';
        int r = p->handler(strip(s), strip(value + 1), line, p->userdata);
        if (r >= 0)
                p->n++;
        return r;
}

int unit_section_parse(
                const char *text, const char *section, UnitSectionHandler handler, void *userdata) {
        CLEANUP(strbuf_done) StrBuf logical = { 0 };
        Parser p = { .section = section, .handler = handler, .userdata = userdata };
        unsigned line = 0, first = 0;

        if (startswith(text, "\xef\xbb\xbf")) /* byte order mark */
                text += 3;

        for (bool continued = false; *text;) {
                size_t size = strcspn(text, "\n");
                const char *physical = text + strspn(text, " \t\r");
                size_t n = physical >= text + size ? 0 : size - (size_t) (physical - text);
                text += size + (text[size] == '\n');
                line++;

                /* a comment within a continued line does not end it */
                if (n > 0 && strchr("#;", *physical))
                        continue;
                if (n > 0 && physical[n - 1] == '\r')
                        n--;
                if (!continued)
                        first = line;

                continued = is_continued(physical, n);
                strbuf_append_n(&logical, physical, continued ? n - 1 : n);
                if (continued)
                        strbuf_append_char(&logical, ' ');
                if (continued && *text)
                        continue;
                continued = false;

                int r = strbuf_error(&logical);
                if (r >= 0 && logical.len > 0)
                        r = parse_logical_line(&p, logical.data, first);
                if (r < 0)
                        return r;
                strbuf_clear(&logical);
        }
        return p.n;
}

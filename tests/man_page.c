/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "man_page.h"

#include <errno.h>
#include <fcntl.h>

#include "io.h"

enum { PAGE_SIZE_MAX = 1024 * 1024 };

int man_page_open(ManPage *p, const char *name) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };
        char *text = NULL;

        strbuf_printf(&path, "%s/man/%s", getenv("SRCDIR") ?: ".", name);
        int r = read_file_at(AT_FDCWD, strbuf_string(&path), PAGE_SIZE_MAX, &text, NULL);
        if (r < 0)
                return r;

        *p = (ManPage){ .text = text, .next = text };
        return 0;
}

void man_page_done(ManPage *p) {
        free(p->text);
        strbuf_done(&p->line);
        strbuf_done(&p->section);
        strbuf_done(&p->subsection);
        *p = (ManPage){ 0 };
}

/* groff_char(7), as far as our pages use it */
static const struct {
        const char *escape, *shown;
} escapes[] = {
        { "\\-", "-" },
        { "\\e", "\\" },
        { "\\&", "" },
        { "\\|", "" },
        { "\\(aq", "'" },
        { "\\(ga", "`" },
        { "\\(ha", "^" },
        { "\\(ti", "~" },
};

void append_shown(StrBuf *b, const char *roff) {
        while (*roff) {
                size_t i = 0;
                while (i < ARRAY_SIZE(escapes) && !startswith(roff, escapes[i].escape))
                        i++;

                if (i < ARRAY_SIZE(escapes)) {
                        strbuf_append(b, escapes[i].shown);
                        roff += strlen(escapes[i].escape);
                } else if (startswith(roff, "\\f") && roff[2])
                        roff += 3;
                else
                        strbuf_append_char(b, *roff++);
        }
}

/* The arguments of a macro, joined: 'BR "a b" c' shows "a bc". */
static void append_arguments(StrBuf *b, const char *arguments) {
        CLEANUP(strbuf_done) StrBuf joined = { 0 };
        bool quoted = false;

        for (; *arguments; arguments++)
                if (*arguments == '"')
                        quoted = !quoted;
                else if (quoted || *arguments != ' ')
                        strbuf_append_char(&joined, *arguments);
        append_shown(b, strbuf_string(&joined));
}

bool man_page_next(ManPage *p) {
        if (*p->next == '\0')
                return false;

        size_t n = strcspn(p->next, "\n");
        strbuf_clear(&p->line);
        strbuf_append_n(&p->line, p->next, n);
        p->next += n + (p->next[n] ? 1 : 0);

        const char *line = strbuf_string(&p->line);
        if (startswith(line, ".SH ")) {
                strbuf_clear(&p->section);
                strbuf_clear(&p->subsection);
                append_shown(&p->section, line + strlen(".SH "));
        } else if (startswith(line, ".SS ")) {
                strbuf_clear(&p->subsection);
                append_shown(&p->subsection, line + strlen(".SS "));
        }
        return true;
}

bool man_page_next_tag(ManPage *p, StrBuf *macro, StrBuf *tag) {
        while (man_page_next(p)) {
                const char *line = strbuf_string(&p->line);
                if (!STREQ(line, ".TP") && !STREQ(line, ".TQ"))
                        continue;
                p->continued = STREQ(line, ".TQ");
                if (!man_page_next(p))
                        return false;

                line = strbuf_string(&p->line);
                size_t n = line[0] == '.' ? strcspn(line + 1, " ") : 0;
                strbuf_clear(macro);
                strbuf_append_n(macro, line + 1, n);
                strbuf_clear(tag);
                append_arguments(tag, line + (n > 0 && line[n + 1] ? n + 2 : 0));
                return true;
        }
        return false;
}

bool man_page_next_example(ManPage *p, StrBuf *name, StrBuf *example, bool *says) {
        static const char *const marks[] = { ".\\\" example: ", ".\\\" says: " };
        bool inside = false;

        strbuf_clear(name);
        strbuf_clear(example);
        while (man_page_next(p)) {
                const char *line = strbuf_string(&p->line);
                for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
                        if (startswith(line, marks[i])) {
                                strbuf_clear(name);
                                strbuf_append(name, line + strlen(marks[i]));
                                *says = i > 0;
                        }
                if (STREQ(line, ".EX") && name->len > 0)
                        inside = true;
                else if (STREQ(line, ".EE") && inside)
                        return true;
                else if (inside) {
                        append_shown(example, line);
                        strbuf_append_char(example, '\n');
                }
        }
        return false;
}

void man_page_find_answer(const char *page, const char *example, StrBuf *answer) {
        CLEANUP(strbuf_done) StrBuf name = { 0 };
        CLEANUP(man_page_done) ManPage p = { 0 };
        bool says = false;

        if (man_page_open(&p, page) < 0)
                return;
        while (man_page_next_example(&p, &name, answer, &says))
                if (says && STREQ(strbuf_string(&name), example))
                        return;
        strbuf_clear(answer);
}

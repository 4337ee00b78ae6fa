/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-file.h"

#include "text.h"

enum {
        TEXT_MAX = 1000,    /* bytes of a free text: it is shown in one line of a status */
        COMMENT_MAX = 2000, /* systemd reads lines up to 1 MiB */
};

void unit_section(StrBuf *b, const char *name) {
        strbuf_append_all(b, b->len > 0 ? "\n[" : "[", name, "]\n", NULL);
}

void unit_comment(StrBuf *b, ...) {
        va_list ap;

        strbuf_append(b, "# ");
        size_t begin = b->len;
        va_start(ap, b);
        for (const char *s; (s = va_arg(ap, const char *));)
                strbuf_append(b, s);
        va_end(ap);
        make_printable(b, begin, COMMENT_MAX);
        /* systemd continues a line that ends in a backslash, comments excepted; others may not know
         */
        while (b->len > 0 && b->data[b->len - 1] == '\\')
                strbuf_truncate(b, b->len - 1);
        strbuf_append_char(b, '\n');
}

void unit_set(StrBuf *b, const char *key, const char *value) {
        size_t n = strlen(key), m = strlen(value);

        /* most of a unit is written by this: one look at the buffer is enough */
        char *p = strbuf_extend(b, n + 1 + m + 1);
        if (!p)
                return;
        memcpy(p, key, n);
        p[n] = '=';
        memcpy(p + n + 1, value, m);
        p[n + 1 + m] = '\n';
}

void unit_set_number(StrBuf *b, const char *key, uint64_t value) {
        strbuf_append(b, key);
        strbuf_append_char(b, '=');
        strbuf_append_u64(b, value);
        strbuf_append_char(b, '\n');
}

void unit_setf(StrBuf *b, const char *key, const char *format, ...) {
        va_list ap;

        strbuf_append_all(b, key, "=", NULL);
        va_start(ap, format);
        strbuf_vprintf(b, format, ap);
        va_end(ap);
        strbuf_append_char(b, '\n');
}

/* A '%' begins a specifier: systemd.unit(5), "Specifiers". */
static void append_without_specifiers(StrBuf *b, const char *s) {
        for (;;) {
                size_t plain = strcspn(s, "%");
                strbuf_append_n(b, s, plain);
                s += plain;
                if (*s == '\0')
                        return;
                strbuf_append(b, "%%");
                s++;
        }
}

void unit_text(StrBuf *b, const char *key, const char *text) {
        CLEANUP(strbuf_done) StrBuf line = { 0 };

        append_printable(&line, text, strcspn(text, "\n"), TEXT_MAX);
        strbuf_inherit(b, &line);
        strbuf_append_all(b, key, "=", NULL);
        append_without_specifiers(b, strbuf_string(&line));
        /* a backslash at the end would swallow the next line */
        while (b->len > 0 && (b->data[b->len - 1] == '\\' || b->data[b->len - 1] == ' '))
                strbuf_truncate(b, b->len - 1);
        strbuf_append_char(b, '\n');
}

void unit_verbatim(StrBuf *b, const char *key, const char *value) {
        strbuf_append_all(b, key, "=", NULL);
        append_without_specifiers(b, value);
        strbuf_append_char(b, '\n');
}

void unit_source_path(StrBuf *b, const char *path) {
        if (text_is_one_value(path))
                unit_verbatim(b, "SourcePath", path);
}

/* How a character is written inside of quotes; NULL: as it is. */
static const char *quoted(char c, bool dollar) {
        switch (c) {
        case '\\':
                return "\\\\";
        case '"':
                return "\\\"";
        case '\n':
                return "\\n";
        case '\t':
                return "\\t";
        case '%':
                return "%%";
        case '$':
                return dollar ? "$$" : "$";
        default:
                return NULL;
        }
}

static void append_quoted(StrBuf *b, const char *s, bool dollar) {
        for (;;) {
                size_t plain = strcspn(s, "\\\"\n\t%$");
                strbuf_append_n(b, s, plain);
                s += plain;
                if (*s == '\0')
                        return;
                const char *q = quoted(*s, dollar);
                if (q)
                        strbuf_append(b, q);
                s++;
        }
}

void unit_environment(StrBuf *b, const char *name, const char *value) {
        strbuf_append(b, "Environment=\"");
        strbuf_append(b, name);
        strbuf_append_char(b, '=');
        append_quoted(b, value, false);
        strbuf_append(b, "\"\n");
}

void unit_word(StrBuf *b, const char *word) {
        strbuf_append_char(b, '"');
        append_quoted(b, word, false);
        strbuf_append_char(b, '"');
}

void unit_command_word(StrBuf *b, const char *word) {
        strbuf_append_char(b, '"');
        append_quoted(b, word, true);
        strbuf_append_char(b, '"');
}

void unit_command_part(StrBuf *b, const char *part) {
        append_quoted(b, part, true);
}

void unit_input_text(StrBuf *b, const char *line) {
        size_t blank = strspn(line, " ");

        strbuf_append(b, "StandardInputText=");
        if (blank > 0) { /* leading blanks would be stripped */
                strbuf_append(b, "\\x20");
                line++;
        }
        for (; *line; line++)
                if (*line == '\\')
                        strbuf_append(b, "\\\\");
                else if (*line == '%')
                        strbuf_append(b, "%%");
                else
                        strbuf_append_char(b, *line);
        if (b->len > 0 && b->data[b->len - 1] == ' ') { /* and trailing ones */
                b->data[--b->len] = '\0';
                strbuf_append(b, "\\x20");
        }
        strbuf_append_char(b, '\n');
}

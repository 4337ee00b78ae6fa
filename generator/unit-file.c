/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-file.h"

#include "text.h"

enum {
        TEXT_MAX = 1000,    /* bytes of a free text: it is shown in one line of a status */
        COMMENT_MAX = 2000, /* systemd reads lines up to 1 MiB */
};

void unit_section(StrBuf *b, const char *name) {
        strbuf_printf(b, "%s[%s]\n", b->len > 0 ? "\n" : "", name);
}

void unit_comment(StrBuf *b, const char *format, ...) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        va_list ap;

        va_start(ap, format);
        strbuf_vprintf(&text, format, ap);
        va_end(ap);

        strbuf_append(b, "# ");
        append_printable(b, strbuf_string(&text), text.len, COMMENT_MAX);
        /* systemd continues a line that ends in a backslash, comments excepted; others may not know
         */
        while (b->len > 0 && b->data[b->len - 1] == '\\')
                b->data[--b->len] = '\0';
        strbuf_append_char(b, '\n');
}

void unit_set(StrBuf *b, const char *key, const char *value) {
        strbuf_printf(b, "%s=%s\n", key, value);
}

void unit_setf(StrBuf *b, const char *key, const char *format, ...) {
        va_list ap;

        strbuf_printf(b, "%s=", key);
        va_start(ap, format);
        strbuf_vprintf(b, format, ap);
        va_end(ap);
        strbuf_append_char(b, '\n');
}

void unit_text(StrBuf *b, const char *key, const char *text) {
        CLEANUP(strbuf_done) StrBuf line = { 0 };
        size_t n = strcspn(text, "\n");

        append_printable(&line, text, n, TEXT_MAX);
        strbuf_printf(b, "%s=", key);
        for (const char *p = strbuf_string(&line); *p; p++)
                if (*p == '%')
                        strbuf_append(b, "%%");
                else
                        strbuf_append_char(b, *p);
        /* a backslash at the end would swallow the next line */
        while (b->len > 0 && (b->data[b->len - 1] == '\\' || b->data[b->len - 1] == ' '))
                b->data[--b->len] = '\0';
        strbuf_append_char(b, '\n');
}

static void append_quoted(StrBuf *b, const char *s, bool dollar) {
        for (; *s; s++)
                switch (*s) {
                case '\\':
                case '"':
                        strbuf_append_char(b, '\\');
                        strbuf_append_char(b, *s);
                        break;
                case '\n':
                        strbuf_append(b, "\\n");
                        break;
                case '\t':
                        strbuf_append(b, "\\t");
                        break;
                case '%':
                        strbuf_append(b, "%%");
                        break;
                case '$':
                        strbuf_append(b, dollar ? "$$" : "$");
                        break;
                default:
                        strbuf_append_char(b, *s);
                }
}

void unit_environment(StrBuf *b, const char *name, const char *value) {
        strbuf_printf(b, "Environment=\"%s=", name);
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

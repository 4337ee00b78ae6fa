/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "diagnostic.h"

#include <limits.h>

#include "text.h"

/* How a diagnostic looks: for a terminal, for the journal, for a program. */

enum {
        EXCERPT_COLUMNS = 110, /* characters of a source line that are shown */
        EXCERPT_BEFORE = 60,   /* of these, at most so many before the caret */
};

static const char *color(unsigned style, const char *sequence) {
        return style & DIAGNOSTIC_COLOR ? sequence : "";
}

static const char *severity_color(Severity s) {
        return s == SEVERITY_ERROR     ? "\033[1;31m"
               : s == SEVERITY_WARNING ? "\033[1;35m"
                                       : "\033[1;36m";
}

static void print_head(const Diagnostic *i, const Source *source, unsigned style, StrBuf *b) {
        strbuf_append(b, color(style, "\033[1m"));
        append_printable(b, source->path, strlen(source->path), PATH_MAX * 4);
        if (i->mark.line > 0)
                strbuf_printf(b, ":%u:%u", i->mark.line, i->mark.column);
        strbuf_printf(b, ": %s%s: %s%s", color(style, severity_color(i->severity)),
                        severity_to_string(i->severity), color(style, "\033[0m"), i->message);
}

void diagnostic_print_line(const Diagnostics *d, const Diagnostic *i, StrBuf *b) {
        print_head(i, diagnostic_source(d, i), 0, b);
}

/* One character of a source line, one column wide whatever it is. */
static void print_cell(const char *s, size_t n, StrBuf *b) {
        if (*s == '\t')
                strbuf_append_char(b, ' ');
        else if (has_control_character(s, n))
                strbuf_append_char(b, '?');
        else
                strbuf_append_n(b, s, n);
}

static void print_excerpt(const Diagnostic *i, const Source *source, unsigned style, StrBuf *b) {
        size_t size = 0;
        const char *line = i->mark.line > 0 ? source_line(source, i->mark.line, &size) : NULL;
        if (!line)
                return;

        unsigned first = i->mark.column > EXCERPT_BEFORE ? i->mark.column - EXCERPT_BEFORE : 1;
        unsigned column = 1, shown = 0;

        strbuf_append(b, first > 1 ? "\n  …" : "\n  ");
        for (size_t k = 0, n; k < size && shown < EXCERPT_COLUMNS; k += n, column++) {
                n = utf8_length(line + k, size - k);
                if (column < first)
                        continue;
                print_cell(line + k, n, b);
                shown++;
        }

        unsigned room = EXCERPT_COLUMNS > i->mark.column - first
                                        ? EXCERPT_COLUMNS - (i->mark.column - first)
                                        : 1;
        strbuf_append(b, first > 1 ? "\n   " : "\n  ");
        for (unsigned k = first; k < i->mark.column; k++)
                strbuf_append_char(b, ' ');
        strbuf_append(b, color(style, "\033[1;32m"));
        strbuf_append_char(b, '^');
        for (unsigned k = 1; k < i->mark.length && k < room; k++)
                strbuf_append_char(b, '~');
        strbuf_append(b, color(style, "\033[0m"));
}

void diagnostic_print(const Diagnostics *d, const Diagnostic *i, unsigned style, StrBuf *b) {
        const Source *source = diagnostic_source(d, i);

        print_head(i, source, style, b);
        if (!(style & DIAGNOSTIC_LINE))
                print_excerpt(i, source, style, b);
        strbuf_append_char(b, '\n');
}

void diagnostic_print_json(const Diagnostics *d, const Diagnostic *i, StrBuf *b) {
        strbuf_append(b, "{\"file\":");
        append_json_string(b, diagnostic_source(d, i)->path);
        strbuf_printf(b,
                        ",\"line\":%u,\"column\":%u,\"length\":%u,\"severity\":\"%s\",\"code\":\"%"
                        "s\",\"message\":",
                        i->mark.line, i->mark.column, i->mark.length,
                        severity_to_string(i->severity), i->code);
        append_json_string(b, i->message);
        strbuf_append(b, "}\n");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdarg.h>

#include "source.h"
#include "strbuf.h"

/* What is wrong with one source, in source order, and how to say it to a person or a program.
 * Collecting never fails: when memory is exhausted the list says so at its end. */

typedef enum Severity {
        SEVERITY_ERROR,   /* the worker is refused */
        SEVERITY_WARNING, /* probably not what was meant */
        SEVERITY_NOTE,    /* worth knowing */
} Severity;

typedef struct Diagnostic {
        Severity severity;
        const char *code; /* stable, for programs; static storage */
        Mark mark;
        char *message; /* owned; one line, safe to print */
} Diagnostic;

typedef struct Diagnostics {
        const Source *source; /* not owned */
        Diagnostic *items;    /* owned */
        size_t n, allocated;
        unsigned n_errors;
        bool truncated; /* there were more than a person would read */
        bool out_of_memory;
} Diagnostics;

void diagnostics_done(Diagnostics *d);

/* Adds "what: why; what to do". Whatever a manifest brought into the text, control characters are
 * escaped and the length is bounded. */
void diagnose(Diagnostics *d, Severity severity, const char *code, Mark mark, const char *format,
                ...) PRINTF(5, 6);

#define diagnose_error(d, code, mark, ...)   diagnose(d, SEVERITY_ERROR, code, mark, __VA_ARGS__)
#define diagnose_warning(d, code, mark, ...) diagnose(d, SEVERITY_WARNING, code, mark, __VA_ARGS__)
#define diagnose_note(d, code, mark, ...)    diagnose(d, SEVERITY_NOTE, code, mark, __VA_ARGS__)

/* Moves those of the lines first to last (both included) from one list to another of the same
 * source. */
void diagnostics_move(Diagnostics *to, Diagnostics *from, unsigned first, unsigned last);

/* Brings the diagnostics into source order; those of one place stay in the order they came. */
void diagnostics_sort(Diagnostics *d);

/* The first error in the list, NULL when there is none. */
const Diagnostic *diagnostics_first_error(const Diagnostics *d);

/* Where a diagnostic belongs: the list's source, or a drop-in of it. */
const Source *diagnostic_source(const Diagnostics *d, const Diagnostic *i);

/* Appends "file:line:column: error: message", without a line break. */
void diagnostic_print_line(const Diagnostics *d, const Diagnostic *i, StrBuf *b);

typedef enum DiagnosticStyle {
        DIAGNOSTIC_LINE = 1 << 0,  /* source line and caret are left out */
        DIAGNOSTIC_COLOR = 1 << 1, /* for a terminal */
} DiagnosticStyle;

/* Appends the line, the source line and a caret below the place. */
void diagnostic_print(const Diagnostics *d, const Diagnostic *i, unsigned style, StrBuf *b);

/* Appends one JSON object and a line break. */
void diagnostic_print_json(const Diagnostics *d, const Diagnostic *i, StrBuf *b);

const char *severity_to_string(Severity s);

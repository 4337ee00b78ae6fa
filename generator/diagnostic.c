/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "diagnostic.h"

#include "text.h"

enum {
        MESSAGE_MAX = 600,      /* bytes of one message */
        DIAGNOSTICS_MAX = 1000, /* of one source: a file of garbage must not fill the journal */
};

void diagnostics_done(Diagnostics *d) {
        for (size_t i = 0; i < d->n; i++)
                free(d->items[i].message);
        free(d->items);
        *d = (Diagnostics){ 0 };
}

static bool diagnostics_reserve(Diagnostics *d) {
        if (d->n < d->allocated)
                return true;

        size_t n = d->allocated ? d->allocated * 2 : 8;
        Diagnostic *items = reallocarray(d->items, n, sizeof(Diagnostic));
        if (!items)
                return false;

        d->items = items;
        d->allocated = n;
        return true;
}

PRINTF(1, 0)
static char *format_message(const char *format, va_list ap) {
        CLEANUP(strbuf_done) StrBuf raw = { 0 }, safe = { 0 };
        char *message = NULL;

        strbuf_vprintf(&raw, format, ap);
        append_printable(&safe, strbuf_string(&raw), raw.len, MESSAGE_MAX);
        if (strbuf_error(&raw) < 0 || strbuf_finish(&safe, &message) < 0)
                return NULL;
        return message;
}

void diagnose(Diagnostics *d, Severity severity, const char *code, Mark mark, const char *format,
                ...) {
        if (severity == SEVERITY_ERROR)
                d->n_errors++;
        if (d->n >= DIAGNOSTICS_MAX) {
                d->truncated = true;
                return;
        }

        va_list ap;
        va_start(ap, format);
        char *message = format_message(format, ap);
        va_end(ap);

        if (!message || !diagnostics_reserve(d)) {
                free(message);
                d->out_of_memory = true;
                d->n_errors++;
                return;
        }

        d->items[d->n++] = (Diagnostic){
                .severity = severity,
                .code = code,
                .mark = mark,
                .message = message,
        };
}

void diagnostics_move(Diagnostics *to, Diagnostics *from, unsigned first, unsigned last) {
        size_t kept = 0;

        for (size_t i = 0; i < from->n; i++) {
                Diagnostic item = from->items[i];
                bool wanted = item.mark.line >= first && item.mark.line <= last;
                if (wanted && !diagnostics_reserve(to)) {
                        to->out_of_memory = true;
                        wanted = false;
                }
                if (!wanted) {
                        from->items[kept++] = item;
                        continue;
                }
                to->items[to->n++] = item;
                if (item.severity == SEVERITY_ERROR) {
                        to->n_errors++;
                        from->n_errors--;
                }
        }
        from->n = kept;
}

const Source *diagnostic_source(const Diagnostics *d, const Diagnostic *i) {
        return i->mark.source ? i->mark.source : d->source;
}

/* Of two sources, that of the list comes first: others are drop-ins, in the order of their names.
 */
static int compare_places(const Diagnostics *d, const Diagnostic *a, const Diagnostic *b) {
        const Source *x = diagnostic_source(d, a), *y = diagnostic_source(d, b);

        if (x != y)
                return x == d->source ? -1 : y == d->source ? 1 : strcmp(x->path, y->path);
        if (a->mark.line != b->mark.line)
                return a->mark.line < b->mark.line ? -1 : 1;
        return a->mark.column < b->mark.column ? -1 : a->mark.column > b->mark.column;
}

void diagnostics_sort(Diagnostics *d) {
        /* stable, and the list is nearly sorted already */
        for (size_t i = 1; i < d->n; i++) {
                Diagnostic item = d->items[i];
                size_t k = i;
                for (; k > 0 && compare_places(d, &item, &d->items[k - 1]) < 0; k--)
                        d->items[k] = d->items[k - 1];
                d->items[k] = item;
        }
}

const Diagnostic *diagnostics_first_error(const Diagnostics *d) {
        static char oom[] = "out of memory";
        static const Diagnostic out_of_memory = { SEVERITY_ERROR, "E-MEMORY", { 0 }, oom };

        for (size_t i = 0; i < d->n; i++)
                if (d->items[i].severity == SEVERITY_ERROR)
                        return &d->items[i];
        return d->out_of_memory ? &out_of_memory : NULL;
}

const char *severity_to_string(Severity s) {
        switch (s) {
        case SEVERITY_ERROR:
                return "error";
        case SEVERITY_WARNING:
                return "warning";
        case SEVERITY_NOTE:
                return "note";
        }
        return "error";
}

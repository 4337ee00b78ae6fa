/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emit.h"
#include "unit-file.h"

/* A refused worker: a target whose start fails, and a service that says why. */

static void emit_failing_service(
                const char *description, const char *source, const char *text, StrBuf *b) {
        unit_section(b, "Unit");
        unit_text(b, "Description", description);
        if (source)
                unit_source_path(b, source);
        unit_set(b, "Documentation", "man:worker.manifest(5)");
        unit_set(b, "StartLimitIntervalSec", "0");
        unit_section(b, "Service");
        unit_set(b, "Type", "oneshot");
        unit_set(b, "DynamicUser", "yes");
        unit_set(b, "SyslogIdentifier", "worker-generator");
        unit_set(b, "SyslogLevel", "err");
        unit_set(b, "ExecStart", "/bin/sh -c \"cat; exit 1\"");
        unit_set(b, "StandardInput", "data");
        while (*text) {
                size_t n = strcspn(text, "\n");
                CLEANUP(strbuf_done) StrBuf line = { 0 };
                strbuf_append_n(&line, text, n);
                strbuf_inherit(b, &line);
                unit_input_text(b, strbuf_string(&line));
                text += n + (text[n] ? 1 : 0);
        }
}

static void print_errors(const Diagnostics *d, StrBuf *b) {
        for (size_t i = 0; i < d->n; i++)
                if (d->items[i].severity == SEVERITY_ERROR)
                        diagnostic_print(d, &d->items[i], 0, b);
}

int emit_refused(const char *id, const Diagnostics *diagnostics, UnitTree *tree) {
        CLEANUP(strbuf_done) StrBuf b = { 0 }, path = { 0 }, why = { 0 }, text = { 0 };
        const Diagnostic *first = diagnostics_first_error(diagnostics);

        strbuf_printf(&why, "Worker %s, refused: ", id);
        if (first)
                diagnostic_print_line(diagnostics, first, &why);
        print_errors(diagnostics, &text);

        strbuf_printf(&path, "worker-%s-refused.service", id);
        emit_failing_service(
                        strbuf_string(&why), diagnostics->source->path, strbuf_string(&text), &b);
        strbuf_inherit(&b, &why);
        strbuf_inherit(&b, &text);
        strbuf_inherit(&b, &path);
        int r = unit_tree_add(tree, strbuf_string(&path), 0644, &b);
        if (r < 0)
                return r;

        unit_section(&b, "Unit");
        unit_text(&b, "Description", strbuf_string(&why));
        unit_source_path(&b, diagnostics->source->path);
        unit_set(&b, "Documentation", "man:worker.manifest(5)");
        unit_set(&b, "PartOf", "workers.target");
        unit_set_all(&b, "Requires", "worker-", id, "-refused.service");
        unit_set_all(&b, "After", "worker-", id, "-refused.service");
        strbuf_clear(&path);
        strbuf_printf(&path, "worker-%s.target", id);
        strbuf_inherit(&b, &path);
        return unit_tree_add(tree, strbuf_string(&path), 0644, &b);
}

int emit_unnamed(const char *text, UnitTree *tree) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        emit_failing_service("Worker manifests that were refused and have no usable name", NULL,
                        text, &b);
        return unit_tree_add(tree, "workers-refused.service", 0644, &b);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judge.h"

#include <check.h>

static void collect(const Diagnostics *d, void *userdata) {
        Judgment *j = userdata;

        for (size_t i = 0; i < d->n; i++) {
                const Diagnostic *x = &d->items[i];
                strbuf_printf(&j->codes, "%s%s@%u:%u", j->codes.len > 0 ? " " : "", x->code,
                                x->mark.line, x->mark.column);
                diagnostic_print(d, x, 0, &j->messages);
        }
}

void judgment_init(Judgment *j) {
        *j = (Judgment){ .generator = { .sink = collect, .userdata = j, .systemd_version = 252 } };
}

void judgment_done(Judgment *j) {
        generator_done(&j->generator);
        unit_tree_done(&j->tree);
        strbuf_done(&j->codes);
        strbuf_done(&j->messages);
}

void judge_text(Judgment *j, const char *path, const char *text, size_t size) {
        CLEANUP(source_done) Source source = { 0 };

        j->result = source_from_text(&source, path, text, size);
        if (j->result == 0)
                j->result = generator_add_source(&j->generator, &source, NULL, 0, &j->tree);
}

void judge(Judgment *j, const char *text) {
        judgment_init(j);
        judge_text(j, MANIFEST_PATH, text, strlen(text));
        ck_assert_int_eq(j->result, 0);
}

const char *judgment_unit(const Judgment *j, const char *path) {
        for (const UnitFile *f = j->tree.first; f; f = f->next)
                if (STREQ(f->path, path))
                        return f->content;
        return NULL;
}

bool has_line(const char *unit, const char *line) {
        size_t n = strlen(line);

        for (const char *p = unit; p; p = strchr(p, '\n')) {
                p += *p == '\n' ? 1 : 0;
                if (strncmp(p, line, n) == 0 && (p[n] == '\n' || p[n] == '\0'))
                        return true;
        }
        return false;
}

unsigned count_lines(const char *unit, const char *prefix) {
        unsigned n = 0;

        for (const char *p = unit; p; p = strchr(p, '\n')) {
                p += *p == '\n' ? 1 : 0;
                n += startswith(p, prefix) ? 1 : 0;
        }
        return n;
}

void expect_codes(const char *text, const char *codes) {
        CLEANUP(judgment_done) Judgment j;

        judge(&j, text);
        ck_assert_msg(STREQ(strbuf_string(&j.codes), codes),
                        "expected '%s', found '%s' in:\n%s\nmessages:\n%s", codes,
                        strbuf_string(&j.codes), text, strbuf_string(&j.messages));
}

void expect_worker_codes(const char *lines, const char *codes) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };

        strbuf_printf(&text, WORKER_HEAD "%s", lines);
        expect_codes(strbuf_string(&text), codes);
}

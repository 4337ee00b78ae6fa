/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "golden_case.h"

#include <fcntl.h>

#include "io.h"
#include "strbuf.h"

#define INCLUDE "@include "

enum { INCLUDED_MAX = 64 * 1024 };

static int is_case(const struct dirent *e) {
        return e->d_name[0] != '.';
}

GoldenCases golden_cases_list(void) {
        GoldenCases g = { .directory = path_join(getenv("SRCDIR"), "tests/golden") };
        g.n = scandir(g.directory, &g.entries, is_case, alphasort);
        return g;
}

void golden_cases_done(GoldenCases *g) {
        for (int i = 0; i < g->n; i++)
                free(g->entries[i]);
        free(g->entries);
        free(g->directory);
}

char *golden_path(const GoldenCases *g, int i, const char *name) {
        CLEANUP(freep) char *directory = path_join(g->directory, g->entries[i]->d_name);
        return path_join(directory, name);
}

void replace_all(char **text, const char *from, const char *to) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        char *result = NULL;

        for (const char *p = *text; *p;)
                if (startswith(p, from)) {
                        strbuf_append(&b, to);
                        p += strlen(from);
                } else
                        strbuf_append_char(&b, *p++);
        if (strbuf_finish(&b, &result) < 0)
                abort();
        free(*text);
        *text = result;
}

static int append_included(const GoldenCases *g, const char *name, size_t size, StrBuf *b) {
        CLEANUP(freep) char *folder = path_join(g->directory, ".include");
        CLEANUP(freep) char *file = strndup(name, size), *text = NULL;
        CLEANUP(freep) char *path = path_join(folder, file);

        int r = read_file_at(AT_FDCWD, path, INCLUDED_MAX, &text, NULL);
        if (r == 0)
                strbuf_append(b, text);
        return r;
}

static int include(const GoldenCases *g, char **text) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        char *result = NULL;

        for (const char *p = *text; *p;) {
                size_t n = strcspn(p, "\n"), line = n + (p[n] ? 1 : 0);
                int r = 0;
                if (startswith(p, INCLUDE))
                        r = append_included(g, p + strlen(INCLUDE), n - strlen(INCLUDE), &b);
                else
                        strbuf_append_n(&b, p, line);
                if (r < 0)
                        return r;
                p += line;
        }

        int r = strbuf_finish(&b, &result);
        if (r < 0)
                return r;
        free(*text);
        *text = result;
        return 0;
}

int golden_read_units(const GoldenCases *g, int i, FileTree *ret) {
        CLEANUP(freep) char *directory = golden_path(g, i, "expected");
        CLEANUP(file_tree_done) FileTree t = { 0 };

        int r = file_tree_read(directory, &t);
        for (size_t k = 0; r == 0 && k < t.n; k++)
                r = include(g, &t.files[k].content);
        if (r < 0)
                return r;

        *ret = t;
        t = (FileTree){ 0 };
        return 0;
}

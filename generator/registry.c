/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "registry.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>

typedef struct Entry {
        char *name;
        char *where;
} Entry;

static void entry_free(void *p) {
        Entry *e = p;
        free(e->name);
        free(e->where);
        free(e);
}

static int compare(const void *a, const void *b) {
        return strcmp(((const Entry *) a)->name, ((const Entry *) b)->name);
}

void registry_done(Registry *r) {
        tdestroy(r->root, entry_free);
        r->root = NULL;
}

static Entry *entry_new(const char *name, const char *path, unsigned line) {
        Entry *e = calloc(1, sizeof(Entry));
        if (!e)
                return NULL;

        e->name = strdup(name);
        if (!e->name || asprintf(&e->where, "%s:%u", path, line) < 0) {
                free(e->name);
                free(e);
                return NULL;
        }
        return e;
}

int registry_take(Registry *r, const char *name, const char *path, unsigned line,
                const char **ret_where) {
        Entry **found = tfind(&(Entry){ .name = (char *) name }, &r->root, compare);
        if (found) {
                *ret_where = (*found)->where;
                return -EEXIST;
        }

        Entry *e = entry_new(name, path, line);
        if (!e)
                return -ENOMEM;
        if (!tsearch(e, &r->root, compare)) {
                entry_free(e);
                return -ENOMEM;
        }
        return 0;
}

bool registry_has(const Registry *r, const char *name) {
        return tfind(&(Entry){ .name = (char *) name }, &r->root, compare);
}

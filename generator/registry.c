/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "registry.h"

#include <errno.h>
#include <search.h>

/* One block of memory: the entry, its name, the path. */
typedef struct Entry {
        const char *name;
        Place place;
        char text[];
} Entry;

static int compare(const void *a, const void *b) {
        return strcmp(((const Entry *) a)->name, ((const Entry *) b)->name);
}

void registry_done(Registry *r) {
        tdestroy(r->root, free);
        r->root = NULL;
}

static Entry *entry_new(const char *name, const char *path, unsigned line) {
        size_t n = strlen(name) + 1, m = strlen(path) + 1;
        Entry *e = malloc(sizeof(Entry) + n + m);
        if (!e)
                return NULL;

        *e = (Entry){ .name = e->text, .place = { e->text + n, line } };
        memcpy(e->text, name, n);
        memcpy(e->text + n, path, m);
        return e;
}

int registry_take(
                Registry *r, const char *name, const char *path, unsigned line, Place *ret_first) {
        CLEANUP(freep) Entry *e = entry_new(name, path, line);
        if (!e)
                return -ENOMEM;

        Entry **found = tsearch(e, &r->root, compare);
        if (!found)
                return -ENOMEM;
        if (*found != e) {
                *ret_first = (*found)->place;
                return -EEXIST;
        }

        TAKE_PTR(e);
        return 0;
}

bool registry_has(const Registry *r, const char *name) {
        return tfind(&(Entry){ .name = name }, &r->root, compare);
}

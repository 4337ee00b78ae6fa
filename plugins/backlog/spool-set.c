/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spool-set.h"

#include <errno.h>
#include <fnmatch.h>
#include <search.h>

/* A red-black tree finds names (tsearch(3): no names can be chosen that make it slow, as they can
 * for a hash), a binary heap the oldest. */

typedef struct SpoolFile {
        const char *name; /* text; in a key for searching, anybody's */
        int64_t since;
        size_t at;     /* index in the heap */
        unsigned scan; /* in which it was last seen */
        char text[];
} SpoolFile;

struct SpoolSet {
        void *tree;
        SpoolFile **heap; /* owns the files */
        size_t n, allocated, max;
        unsigned scan;
        bool incomplete;
};

static int compare_files(const void *a, const void *b) {
        const SpoolFile *x = a, *y = b;
        return strcmp(x->name, y->name);
}

static void keep_file(void *file) {
        (void) file; /* the heap frees it */
}

SpoolSet *spool_set_new(size_t max) {
        SpoolSet *set = calloc(1, sizeof(SpoolSet));
        if (set)
                set->max = max;
        return set;
}

SpoolSet *spool_set_free(SpoolSet *set) {
        if (!set)
                return NULL;

        tdestroy(set->tree, keep_file);
        for (size_t i = 0; i < set->n; i++)
                free(set->heap[i]);
        free(set->heap);
        free(set);
        return NULL;
}

/* --- heap: no file is older than the one at (i - 1) / 2 --- */

static void heap_put(SpoolSet *set, size_t i, SpoolFile *file) {
        set->heap[i] = file;
        file->at = i;
}

static void heap_up(SpoolSet *set, size_t i, SpoolFile *file) {
        for (; i > 0 && set->heap[(i - 1) / 2]->since > file->since; i = (i - 1) / 2)
                heap_put(set, i, set->heap[(i - 1) / 2]);
        heap_put(set, i, file);
}

static void heap_down(SpoolSet *set, size_t i, SpoolFile *file) {
        for (size_t child; (child = 2 * i + 1) < set->n; i = child) {
                if (child + 1 < set->n && set->heap[child + 1]->since < set->heap[child]->since)
                        child++;
                if (set->heap[child]->since >= file->since)
                        break;
                heap_put(set, i, set->heap[child]);
        }
        heap_put(set, i, file);
}

static int heap_reserve(SpoolSet *set) {
        if (set->n < set->allocated)
                return 0;

        size_t allocated = set->allocated ? set->allocated * 2 : 64;
        SpoolFile **heap = reallocarray(set->heap, allocated, sizeof(SpoolFile *));
        if (!heap)
                return -ENOMEM;
        set->heap = heap;
        set->allocated = allocated;
        return 0;
}

/* --- set --- */

static SpoolFile *find_file(const SpoolSet *set, const char *name) {
        SpoolFile key = { .name = name };
        SpoolFile **node = tfind(&key, &set->tree, compare_files);
        return node ? *node : NULL;
}

static int insert_file(SpoolSet *set, const char *name, int64_t since) {
        size_t size = strlen(name) + 1;

        int r = heap_reserve(set);
        if (r < 0)
                return r;

        CLEANUP(freep) SpoolFile *file = malloc(sizeof(SpoolFile) + size);
        if (!file)
                return -ENOMEM;
        *file = (SpoolFile){ .name = file->text, .since = since, .scan = set->scan };
        memcpy(file->text, name, size);

        if (!tsearch(file, &set->tree, compare_files))
                return -ENOMEM;
        set->n++;
        heap_up(set, set->n - 1, TAKE_PTR(file));
        return 1;
}

int spool_set_add(SpoolSet *set, const char *name, int64_t since) {
        SpoolFile *file = find_file(set, name);
        if (file) {
                file->scan = set->scan;
                return 0;
        }
        if (set->n >= set->max) {
                set->incomplete = true;
                return -ENOSPC;
        }
        return insert_file(set, name, since);
}

static void remove_file(SpoolSet *set, SpoolFile *file) {
        (void) tdelete(file, &set->tree, compare_files);

        SpoolFile *last = set->heap[--set->n];
        size_t i = file->at;
        if (last != file && i > 0 && set->heap[(i - 1) / 2]->since > last->since)
                heap_up(set, i, last);
        else if (last != file)
                heap_down(set, i, last);
        free(file);
}

bool spool_set_remove(SpoolSet *set, const char *name, int64_t *ret_since) {
        SpoolFile *file = find_file(set, name);
        if (!file)
                return false;

        if (ret_since)
                *ret_since = file->since;
        remove_file(set, file);
        return true;
}

/* Rebuilding the heap at the end keeps every file in reach of the loop and costs O(n) only. */
static void remove_matching(SpoolSet *set, bool (*match)(const SpoolFile *, const void *),
                const void *argument) {
        size_t kept = 0;

        for (size_t i = 0; i < set->n; i++) {
                SpoolFile *file = set->heap[i];
                if (match(file, argument)) {
                        (void) tdelete(file, &set->tree, compare_files);
                        free(file);
                } else
                        heap_put(set, kept++, file);
        }

        set->n = kept;
        for (size_t i = kept / 2; i-- > 0;)
                heap_down(set, i, set->heap[i]);
}

static bool has_prefix(const SpoolFile *file, const void *prefix) {
        return startswith(file->name, prefix);
}

void spool_set_remove_prefix(SpoolSet *set, const char *prefix) {
        remove_matching(set, has_prefix, prefix);
}

void spool_set_begin_scan(SpoolSet *set) {
        set->scan++;
        set->incomplete = false;
}

static bool is_unseen(const SpoolFile *file, const void *scan) {
        return file->scan != *(const unsigned *) scan;
}

void spool_set_end_scan(SpoolSet *set) {
        remove_matching(set, is_unseen, &set->scan);
}

bool spool_set_contains(const SpoolSet *set, const char *name) {
        return find_file(set, name);
}

size_t spool_set_count(const SpoolSet *set) {
        return set->n;
}

bool spool_set_is_incomplete(const SpoolSet *set) {
        return set->incomplete;
}

const char *spool_set_name(const SpoolSet *set, size_t i) {
        return set->heap[i]->name;
}

bool spool_set_oldest(const SpoolSet *set, int64_t *ret_since) {
        if (set->n == 0)
                return false;

        *ret_since = set->heap[0]->since;
        return true;
}

bool spool_filter_match(const SpoolFilter *filter, const char *name) {
        if (name[0] == '.')
                return false;
        for (size_t i = 0; i < filter->ignore.n; i++)
                if (endswith(name, filter->ignore.items[i]))
                        return false;
        return !filter->glob || fnmatch(filter->glob, name, 0) == 0;
}

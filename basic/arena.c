/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "arena.h"

#include <stdint.h>

#include "macro.h"

enum { ARENA_BLOCK_SIZE = 16384 };

struct ArenaBlock {
        ArenaBlock *next;
        size_t size;
        size_t used;
        max_align_t data[];
};

void arena_done(Arena *a) {
        while (a->blocks) {
                ArenaBlock *b = a->blocks;
                a->blocks = b->next;
                free(b);
        }
}

void arena_reset(Arena *a) {
        if (!a->blocks)
                return;

        Arena rest = { .blocks = a->blocks->next };
        arena_done(&rest);
        a->blocks->next = NULL;
        a->blocks->used = 0;
}

static ArenaBlock *arena_grow(Arena *a, size_t size) {
        if (size < ARENA_BLOCK_SIZE)
                size = ARENA_BLOCK_SIZE;

        ArenaBlock *b = malloc(sizeof(ArenaBlock) + size);
        if (!b)
                return NULL;

        *b = (ArenaBlock){ .next = a->blocks, .size = size };
        a->blocks = b;
        return b;
}

/* Not zeroed. */
static void *take(Arena *a, size_t size) {
        const size_t align = sizeof(max_align_t);
        if (size > SIZE_MAX / 2)
                return NULL;
        size = (size + align - 1) / align * align;

        ArenaBlock *b = a->blocks;
        if (!b || b->size - b->used < size) {
                b = arena_grow(a, size);
                if (!b)
                        return NULL;
        }

        void *p = (char *) b->data + b->used;
        b->used += size;
        return p;
}

void *arena_alloc(Arena *a, size_t size) {
        void *p = take(a, size);
        return p ? memset(p, 0, size) : NULL;
}

char *arena_strndup(Arena *a, const char *s, size_t n) {
        if (n == SIZE_MAX)
                return NULL;

        char *p = take(a, n + 1);
        if (!p)
                return NULL;
        if (n > 0)
                memcpy(p, s, n);
        p[n] = '\0';
        return p;
}

char *arena_strdup(Arena *a, const char *s) {
        return arena_strndup(a, s, strlen(s));
}

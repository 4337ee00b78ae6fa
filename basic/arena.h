/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* Memory that is given back all at once. Everything that is parsed out of one file lives in one
 * arena, so that no half-built tree has to be taken apart when an error is met.
 * Blocks are zeroed and aligned for any object. */

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
        ArenaBlock *blocks; /* owned, newest first */
} Arena;

/* Frees all that was allocated; the arena is usable again. */
void arena_done(Arena *a);

/* Gives everything back but the memory of one block, for the next round. */
void arena_reset(Arena *a);

/* Return NULL when memory is exhausted. The memory belongs to the arena. */
void *arena_alloc(Arena *a, size_t size);
char *arena_strndup(Arena *a, const char *s, size_t n);
char *arena_strdup(Arena *a, const char *s);

#define arena_new(a, type)      ((type *) arena_alloc((a), sizeof(type)))
#define arena_new_n(a, type, n) ((type *) arena_alloc((a), sizeof(type) * (n)))

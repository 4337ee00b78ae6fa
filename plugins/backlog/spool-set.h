/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"
#include "options.h"

/* The files that wait in a spool: a set of names, each with the time since when it waits. Pure:
 * sees no file system and no clock. Adding and removing cost O(log n), whatever the names are. A
 * name takes its length and about 120 bytes of memory, so a full set of SPOOL_NAMES_MAX is about
 * 150 MB. */

enum { SPOOL_NAMES_MAX = 1000000 };

typedef struct SpoolSet SpoolSet;

/* Returns NULL when memory is exhausted; the caller frees it. */
SpoolSet *spool_set_new(size_t max);
SpoolSet *spool_set_free(SpoolSet *set);
DEFINE_CLEANUP(SpoolSet *, spool_set_free)

/* since: microseconds of any one clock, may be negative. Returns 1, 0 when the name is there
 * already (and stays as old as it is), -ENOSPC when the set is full, or -ENOMEM. */
int spool_set_add(SpoolSet *set, const char *name, int64_t since);

/* Returns whether the name was there; *ret_since (may be NULL) is written when it was. */
bool spool_set_remove(SpoolSet *set, const char *name, int64_t *ret_since);

/* Removes what begins with prefix: O(n). */
void spool_set_remove_prefix(SpoolSet *set, const char *prefix);

/* What is not added (again) between the two calls is removed by the second one. */
void spool_set_begin_scan(SpoolSet *set);
void spool_set_end_scan(SpoolSet *set);

bool spool_set_contains(const SpoolSet *set, const char *name);
size_t spool_set_count(const SpoolSet *set);

/* Whether a name had to be turned away since the last spool_set_begin_scan(). */
bool spool_set_is_incomplete(const SpoolSet *set);

/* Any name by its index, 0 to count - 1, in no order; void when the set changes. */
const char *spool_set_name(const SpoolSet *set, size_t i);

/* The smallest since; false when the set is empty. */
bool spool_set_oldest(const SpoolSet *set, int64_t *ret_since);

/* Which names count. */
typedef struct SpoolFilter {
        const char *glob;    /* fnmatch(3) pattern; NULL: all */
        OptionValues ignore; /* suffixes */
} SpoolFilter;

/* name: without directories. Hidden names never count. */
bool spool_filter_match(const SpoolFilter *filter, const char *name);

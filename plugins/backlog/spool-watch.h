/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "spool-set.h"
#include "timespan.h"

/* Keeps a SpoolSet equal to what a directory holds, by inotify(7). The directory may be missing,
 * come, go and be replaced. Owns its inotify descriptor. Silent: reports by return values. */

enum {
        SPOOL_DEPTH_MAX = 32, /* levels of sub-directories */
};

/* A file that was created without being closed (hard link, O_TMPFILE) or is still open waits
 * once it has not changed for so long. */
#define SPOOL_SETTLE_USEC (2 * USEC_PER_SEC)

typedef struct SpoolConfig {
        const char *directory; /* absolute */
        bool recursive;
        SpoolFilter filter;
} SpoolConfig;

typedef struct SpoolFacts {
        bool present;       /* the directory exists */
        size_t backlog;     /* files that wait */
        double oldest;      /* seconds */
        size_t unsettled;   /* files that may still be written */
        uint64_t arrived;   /* since the watch was made */
        unsigned overflows; /* how often the kernel dropped events, so that all was counted again */
        unsigned unreadable; /* sub-directories without permission, left out */
        bool incomplete;     /* more than SPOOL_NAMES_MAX files */
} SpoolFacts;

typedef struct SpoolWatch SpoolWatch;

/* Counts what is there. config is kept by reference. Returns 0 or negative errno: -EACCES no
 * permission, -ENOSPC out of inotify watches (fs.inotify.max_user_watches), -EMFILE out of
 * inotify instances (fs.inotify.max_user_instances). */
int spool_watch_new(const SpoolConfig *config, SpoolWatch **ret);
SpoolWatch *spool_watch_free(SpoolWatch *w);
DEFINE_CLEANUP(SpoolWatch *, spool_watch_free)

/* Becomes readable when spool_watch_dispatch() has something to do. */
int spool_watch_fd(const SpoolWatch *w);

/* Takes in what happened, without blocking, a bounded number of events at a time. Errors as above;
 * the watch is then of no more use. */
int spool_watch_dispatch(SpoolWatch *w);

/* Looks after unsettled files; to be called about every second while there are any. */
int spool_watch_settle(SpoolWatch *w);

/* Whether the directory was deleted while a bind mount shows it to us: nobody can put a file into
 * it any more, what has its name now is out of our sight, and inotify says nothing of it. */
bool spool_watch_is_orphaned(const SpoolWatch *w);

void spool_watch_facts(const SpoolWatch *w, SpoolFacts *ret);

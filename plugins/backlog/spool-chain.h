/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/inotify.h>

#include "macro.h"

/* The way to a directory, "/", "/srv", "/srv/spool": watched, so that it is seen when the directory
 * or one above it comes, goes, or is replaced. What lies on the way is watched for being moved or
 * deleted only, which is quiet; names are watched where the next one is missing or a symlink. */

enum { SPOOL_CHAIN_MAX = 64 };

typedef struct SpoolChainLink {
        int wd;
        const char *next; /* component that follows, inside the path; NULL: names don't matter */
        size_t next_length;
} SpoolChainLink;

typedef struct SpoolChain {
        SpoolChainLink links[SPOOL_CHAIN_MAX];
        size_t n;
} SpoolChain;

/* Watches the way to path, which must outlive the chain. Returns 1 when the directory is there, 0
 * when it isn't and its coming will be seen, -EAGAIN when something changed meanwhile (forget the
 * chain and try again), or another negative errno: -EACCES when its coming can't be seen. */
int spool_chain_watch(SpoolChain *chain, int inotify_fd, const char *path);

/* Removes the watches. */
void spool_chain_forget(SpoolChain *chain, int inotify_fd);

/* Whether the event may mean another directory at the end of the way. */
bool spool_chain_concerns(const SpoolChain *chain, const struct inotify_event *event);

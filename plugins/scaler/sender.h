/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "macro.h"

/* From the process that sent a datagram to the unit it belongs to, by what the kernel says. A
 * cache, as reading /proc for each datagram is too dear; right when a process id is used again.
 * Where the kernel tells the cgroup of a process that has ended (Linux 6.15), a sender that lives
 * for one report only, as in a shell script, is known by the cgroup that an earlier sender was in.
 */

typedef struct SenderCache SenderCache;

/* Tells the unit of a living process: sd_pid_get_unit(3), or what a test puts in its place. The
 * unit is the caller's to free; -ENODATA: in no unit. */
typedef int (*SenderResolver)(pid_t pid, char **ret_unit);

/* Returns NULL when memory is exhausted; the caller frees it with sender_cache_free(). */
SenderCache *sender_cache_new(SenderResolver resolve);
SenderCache *sender_cache_free(SenderCache *c);
DEFINE_CLEANUP(SenderCache *, sender_cache_free)

/* pidfd is that of SCM_PIDFD and stays the caller's; -1 where the kernel has none. Returns 0 with
 * the unit, which belongs to the cache and is good until the next call;
 * -ESRCH when the sender is gone before it could be asked, -ENXIO when it belongs to no unit, or
 * another negative errno. */
int sender_unit(SenderCache *c, pid_t pid, int pidfd, const char **ret);

/* Whether two pidfds are surely of one process; false where the kernel does not tell. */
bool sender_is_same(SenderCache *c, int pidfd, int other);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "arena.h"
#include "macro.h"
#include "strbuf.h"

/* systemd's groups of system calls, systemd.exec(5), SystemCallFilter=. As data: the built-in ones
 * for when no systemd is at hand, and those that a systemd itself tells. */

typedef struct SyscallGroup {
        const char *name;    /* with its "@" */
        const char *members; /* separated by blanks, other groups among them; NULL: all there are */
        unsigned since;      /* the systemd that has it first; 0: all that are supported */
} SyscallGroup;

typedef struct SyscallGroups {
        const SyscallGroup *items;
        size_t n;
} SyscallGroups;

extern const SyscallGroups builtin_syscall_groups;

/* NULL when there is none of that name. */
const SyscallGroup *syscall_group_find(const SyscallGroups *groups, const char *name);

/* Reads what "systemd-analyze syscall-filter" prints. Returns 0, -EINVAL when no group is in it, or
 * -ENOMEM; *ret lives in the arena. */
int syscall_groups_parse(const char *text, Arena *arena, SyscallGroups *ret);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bpf-program.h"
#include "syscall-groups.h"
#include "syscall-set.h"

/* The filter that the SystemCallFilter= lines of a unit add up to, as systemd understands them, for
 * the native architecture. The set is built without libseccomp's filters, which cost; compiling it
 * gives the very program that the kernel would run. */

typedef struct SyscallFilter {
        bool given;      /* there is a line at all */
        bool allow_list; /* what is listed is allowed; else it is denied */
        SyscallSet listed;
} SyscallFilter;

/* Called with each name that neither libseccomp nor the groups know; systemd ignores it, too. */
typedef void (*UnknownSyscall)(const char *name, void *userdata);

/* Adds the value of one SystemCallFilter= line; an empty one forgets all before. unknown may be
 * NULL. */
void syscall_filter_add(SyscallFilter *f, const SyscallGroups *groups, const char *value,
                UnknownSyscall unknown, void *userdata);

/* number is that of the native architecture. Without any line everything is allowed. */
bool syscall_filter_allows(const SyscallFilter *f, int number);

/* All calls of the native architecture that are allowed. */
void syscall_filter_allowed(const SyscallFilter *f, SyscallSet *ret);

/* The calls of the native architecture that words, names and groups separated by blanks, stand for;
 * what is not known stands for none. */
void syscall_words(const SyscallGroups *groups, const char *words, SyscallSet *ret);

/* Compiles it with libseccomp: what is denied fails with error (positive, such as EPERM).
 * Returns 0 or negative errno; the caller releases *ret with seccomp_release(). */
int syscall_filter_compile(const SyscallFilter *f, int error, scmp_filter_ctx *ret);

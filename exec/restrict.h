/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* What a process can give up by itself, and all that it becomes and starts with it: seccomp(2),
 * landlock(7). Needs no privilege but PR_SET_NO_NEW_PRIVS, which both set. Return 0 or negative
 * errno. */

/* The ABI that landlock_confine() needs for writes below /proc (Linux 5.19; before, no file could
 * be moved to another directory), and for signals and abstract sockets (Linux 6.12). */
enum { LANDLOCK_ABI_OF_FILES = 2, LANDLOCK_ABI_OF_SCOPES = 6 };

/* That of this kernel; negative, with errno, when it has none. */
long landlock_abi(void);

/* What landlock_confine() has closed, as far as the kernel can. */
typedef struct Confinement {
        bool scopes; /* signals and abstract Unix sockets end at this process and its children */
        bool proc_writes; /* nothing below /proc is opened for writing: /proc/self/mem */
} Confinement;

/* A kernel without Landlock is no error, nor is one whose filter keeps it away: *ret says what was
 * done. */
int landlock_confine(Confinement *ret);

/* Loads a program of classic BPF, as seccomp_export_bpf(3) writes it, out of a file. */
int filter_load(const char *path);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"
#include "strbuf.h"

/* The system calls of a worker, as lines of SystemCallFilter=: groups that are allowed, minus what
 * lets anybody in or out. The one table from which units are written and that tests compile. */

typedef enum FilterStage {
        FILTER_BASE,     /* before what a manifest adds and removes */
        FILTER_LAUNCHER, /* the same, where worker-exec confines itself */
        FILTER_INGRESS,  /* after it, so that nothing brings these back */
        FILTER_BIND,     /* the same, unless the manifest says "bind: ephemeral" */
        _FILTER_STAGE_MAX,
} FilterStage;

typedef struct FilterLine {
        FilterStage stage;
        const char *value; /* "~" denies; names and groups, separated by blanks */
        const char *why;
        unsigned until; /* the systemd from which on it is not needed; 0: always needed */
} FilterLine;

extern const FilterLine worker_filter[];
extern const size_t worker_filter_size;

/* Whether libseccomp knows the name of a system call, on any architecture. */
bool syscall_is_known(const char *name);

/* Whether a systemd of that version knows the group; "@" included. */
bool syscall_group_is_known(const char *name, unsigned systemd_version);

/* Appends the value without the names that are not known, for which systemd would warn: what no
 * library has a number for can't be called through its group either. unknown gets those, separated
 * by blanks. The value is empty when nothing is left. */
void filter_line_print(
                const FilterLine *l, unsigned systemd_version, StrBuf *value, StrBuf *unknown);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "arena.h"
#include "strbuf.h"
#include "syscall-filter.h"

/* What the unit files of a worker, the fragment and then its drop-ins, say about its sandbox. Pure:
 * text goes in; everything lives in an arena. */

typedef struct Setting Setting;

struct Setting {
        const char *key, *value;
        const char *path; /* of the file it is in */
        unsigned line;
        bool drop_in;
        Setting *next;
};

/* A comment of the generator: what is not as by default, and where that comes from. */
typedef struct Remark Remark;

struct Remark {
        const char *text; /* such as "sandbox.jit, /etc/workers/x.yaml:9" */
        bool tightened;
        Remark *next;
};

typedef struct SandboxView {
        Setting *settings, *last_setting; /* of [Service], in order */
        Remark *remarks, *last_remark;
        const char *stack; /* NULL: not a generated unit */
        bool landlock;     /* the launcher uses it */
        bool streams;      /* and loads the filter of them */
        SyscallFilter filter;
        Arena *arena; /* not owned */
} SandboxView;

/* Adds one file; the fragment comes first. Returns 0 or -ENOMEM. */
int sandbox_view_add(SandboxView *v, const char *path, const char *text, bool drop_in);

/* After all files: what the lines of SystemCallFilter= and ExecStart= add up to. */
void sandbox_view_finish(SandboxView *v, const SyscallGroups *groups);

/* The last value of a directive, "" when there is none. */
const char *sandbox_view_value(const SandboxView *v, const char *key);

/* Whether its last value is a true one. */
bool sandbox_view_is_on(const SandboxView *v, const char *key);

/* Appends the words of all its lines since it was last reset, separated by blanks. */
void sandbox_view_words(const SandboxView *v, const char *key, StrBuf *ret);

/* Whether the filter allows a call by name. */
bool sandbox_view_allows(const SandboxView *v, const char *syscall);

/* Whether a directive is one of those that make up a sandbox. */
bool is_sandbox_directive(const char *key);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sandbox-view.h"
#include "syscall-set.h"

/* A profile: the drop-in that leaves of a worker's system calls those that it was seen to need, and
 * the floor of filter/runtime-floor.h. Pure. */

/* "systemctl edit" writes override.conf, which comes after it and has the last word. */
#define PROFILE_DROP_IN "50-profile.conf"

typedef struct ProposalInput {
        const SandboxView *view; /* of the worker; a profile in it does not count */
        const SyscallGroups *groups;
        const SyscallSet *seen;
        bool lost;         /* not all was seen: of groups that were seen, all is kept */
        const char *about; /* one line for its header */
        const char *id;
} ProposalInput;

typedef struct Proposal {
        SyscallSet now;     /* what is allowed without it, */
        SyscallSet then;    /* with it, */
        SyscallSet removed; /* and no longer */
        StrBuf text;        /* of the drop-in, owned */
} Proposal;

void proposal_done(Proposal *p);

/* The calls of the floor that a filter allows, but seccomp(2), by which a start is known; nobody
 * has to watch for these. */
void floor_calls(const SyscallGroups *groups, SyscallSet *ret);

/* What the worker's filter allows with text as its profile, NULL: without one. Drop-ins that come
 * after it in the alphabet still add to it. Returns 0 or -ENOMEM. */
int profile_allowed(const SandboxView *v, const SyscallGroups *groups, const char *text,
                SyscallSet *ret);

/* Whether it is a line of a profile's filter. */
bool is_of_profile(const Setting *s);

/* Never allows what is not allowed without it. Returns 0 or -ENOMEM. */
int proposal_make(const ProposalInput *in, Proposal *ret);

/* Writes the names of calls, in their order in the alphabet and separated by blanks. */
void syscall_names(const SyscallSet *s, StrBuf *b);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observation.h"

#include <errno.h>
#include <seccomp.h>

#include "bpf-program.h"

struct WatchedProcess {
        pid_t pid;
        unsigned threads;
        bool ours;        /* the worker's, else still in systemd's hands */
        bool filtered;    /* it has called seccomp(2) */
        SyscallSet since; /* until it is ours: what it has called since then */
};

/* What was there before has more threads than anybody counts: it is never forgotten. */
enum { THREADS_UNKNOWN = 1U << 30 };

void observation_done(Observation *o) {
        free(o->processes);
        *o = (Observation){ 0 };
}

static WatchedProcess *find(const Observation *o, pid_t pid) {
        for (size_t i = o->n; i > 0; i--) /* the newest do the most */
                if (o->processes[i - 1].pid == pid)
                        return &o->processes[i - 1];
        return NULL;
}

static WatchedProcess *add(Observation *o, pid_t pid) {
        WatchedProcess *p = find(o, pid);

        if (!p) {
                WatchedProcess *more = reallocarray(o->processes, o->n + 1, sizeof(*more));
                if (!more)
                        return NULL;
                o->processes = more;
                p = &more[o->n++];
        }
        *p = (WatchedProcess){ .pid = pid, .threads = 1 };
        return p;
}

static WatchedProcess *find_or_add(Observation *o, pid_t pid) {
        WatchedProcess *p = find(o, pid);
        return p ? p : add(o, pid);
}

int observation_known(Observation *o, pid_t pid) {
        WatchedProcess *p = add(o, pid);

        if (!p)
                return -ENOMEM;
        p->ours = true;
        p->threads = THREADS_UNKNOWN;
        return 0;
}

int observation_fork(Observation *o, pid_t pid, pid_t parent) {
        WatchedProcess *p = find_or_add(o, parent);

        if (!p)
                return -ENOMEM;
        if (pid == parent) {
                p->threads++;
                return 0;
        }
        WatchedProcess child = *p;
        p = add(o, pid);
        if (!p)
                return -ENOMEM;
        child.pid = pid;
        child.threads = 1;
        *p = child;
        return 0;
}

int observation_exec(Observation *o, pid_t pid) {
        WatchedProcess *p = find_or_add(o, pid);

        if (!p)
                return -ENOMEM;
        if (!p->ours && p->filtered) {
                p->ours = true;
                syscall_set_add(&o->seen, &p->since);
                o->starts++;
        }
        return 0;
}

void observation_exit(Observation *o, pid_t pid) {
        WatchedProcess *p = find(o, pid);

        if (p && --p->threads == 0)
                *p = o->processes[--o->n];
}

int observation_call(Observation *o, pid_t pid, long number) {
        WatchedProcess *p = find_or_add(o, pid);

        if (!p)
                return -ENOMEM;
        if (!p->ours && !o->confused && number == SCMP_SYS(seccomp)) {
                p->filtered = true;
                p->since = (SyscallSet){ 0 }; /* until the next of several filters */
                return 0;
        }
        bool ours = p->ours || o->confused;
        SyscallSet *into = ours ? &o->seen : &p->since;
        if (number >= 0 && number < SYSCALL_NUMBER_MAX && syscall_set_has(into, (int) number))
                return 0;
        if (number >= 0 && number < SYSCALL_NUMBER_MAX && syscall_is_native((int) number))
                syscall_set_put(into, (int) number, true);
        else if (ours)
                o->foreign++;
        return 0;
}

void observation_lose(Observation *o) {
        o->losses++;
        o->confused = true;
}

/* Those of which nothing is known are in systemd's hands: whether they have loaded a filter may be
 * what was lost. */
void observation_recover(Observation *o) {
        o->confused = false;
        for (size_t i = 0; i < o->n; i++)
                if (!o->processes[i].ours)
                        o->processes[i].filtered = true;
}

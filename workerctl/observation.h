/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "syscall-set.h"

/* Which system calls the processes of a worker make. Pure: what happens is told in its order.
 *
 * Not all that a process in the worker's cgroup calls is the worker's: systemd sets an instance up
 * in there, with calls that the filter will forbid, then loads the filter and executes the program.
 * So a process that came from outside is the worker's from the first execve(2) on that follows a
 * seccomp(2). One that never loads a filter, as a "+" command of the unit, is not under it and does
 * not count. */

typedef struct WatchedProcess WatchedProcess;

typedef struct Observation {
        SyscallSet seen;
        unsigned starts;  /* programs seen from their first instruction on */
        unsigned losses;  /* times that the kernel had no room for what it had to tell */
        uint64_t foreign; /* calls whose number is none of this architecture */
        bool confused;    /* since a loss nobody knows who is who: all counts as the worker's */
        WatchedProcess *processes; /* owned */
        size_t n;
} Observation;

void observation_done(Observation *o);

/* A process that is the worker's already, with all its threads. Those that return int return 0 or
 * -ENOMEM. */
int observation_known(Observation *o, pid_t pid);

/* A process, or with pid == parent a thread. */
int observation_fork(Observation *o, pid_t pid, pid_t parent);
int observation_exec(Observation *o, pid_t pid);

/* A thread has ended. */
void observation_exit(Observation *o, pid_t pid);

/* number is as the kernel has it, any value. */
int observation_call(Observation *o, pid_t pid, long number);

void observation_lose(Observation *o);

/* All that run have been told with observation_known(), those but systemd's. */
void observation_recover(Observation *o);

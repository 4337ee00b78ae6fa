/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"
#include "observation.h"

/* Watches the system calls of a control group and all below it, from outside: perf_event_open(2) on
 * the tracepoint raw_syscalls:sys_enter.
 *
 * Why this way: it asks nothing of the worker, which goes on under its filter and is not restarted,
 * as SystemCallLog= would want, nor stopped at each call, as ptrace(2) would. It needs no audit and
 * no compiler for BPF. A call is told once: then the kernel passes it over, at the cost of a few
 * comparisons. seccomp(2) comes before the tracepoint, so what the filter refuses is not seen. */

typedef struct SyscallWatch SyscallWatch;

/* Begins; calls in known are not told. Returns 0 or negative errno, *reterr_what then says what was
 * tried. */
int syscall_watch_open(int cgroup_fd, const SyscallSet *known, SyscallWatch **ret,
                const char **reterr_what);
void syscall_watch_close(SyscallWatch *w);
DEFINE_CLEANUP(SyscallWatch *, syscall_watch_close)

/* Waits for at most so many milliseconds, or until other_fd is readable, and tells what was seen;
 * the last moment is kept back, until the next time, for other processors to catch up, unless all
 * is asked for. Returns 1 when other_fd is readable, 0, or negative errno. */
int syscall_watch_wait(SyscallWatch *w, int timeout, int other_fd, Observation *o);
int syscall_watch_finish(SyscallWatch *w, Observation *o);

/* From now on calls in known are not told any more. Returns 0 or negative errno. */
int syscall_watch_pass_over(SyscallWatch *w, const SyscallSet *known);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runtime-floor.h"

/* From traces of the start and end of worker-exec, glibc's loader, bash, python, node, java, ruby,
 * perl and php; to these comes what happens on the paths that are seldom taken, as a connection
 * that is made anew. Calls of the vDSO (clock_gettime, time, getcpu) are system calls on some
 * machines and with some clocks. Nothing is in it that can do more than what stands beside it. */
const FloorLine runtime_floor[] = {
        { "@default", "starts, has memory and threads, reads clocks, ends; systemd adds it "
                      "always" },
        { "@basic-io", "reads, writes and closes what is open, the log among it" },
        { "access faccessat faccessat2 fadvise64 fcntl fstat fstatfs getcwd getdents64 ioctl lstat "
          "newfstatat open openat readlink readlinkat stat statfs statx",
                        "finds and reads files: libraries, modules, locales, time zones" },
        { "madvise mremap", "gives memory back, and makes a block of it longer" },
        { "@signal kill tgkill", "is told to stop, and aborts" },
        { "clone clone3 execveat fork getrusage prctl times vfork wait4 waitid",
                        "starts threads and children, for which libraries use the same calls" },
        { "@io-event pipe pipe2 timer_create timer_delete timer_settime",
                        "waits for what comes, and for the time to come" },
        { "capget getcpu getpriority sched_getparam sched_getscheduler sysinfo uname",
                        "looks at the machine and at itself" },
        { "connect getpeername getsockname getsockopt recvfrom recvmmsg recvmsg sendmmsg sendmsg "
          "sendto setsockopt shutdown socket socketpair",
                        "connects, looks up names, tells the journal and the scaler how it is" },
        { "landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp",
                        "worker-exec, before the program, gives up rights" },
};
const size_t runtime_floor_size = ARRAY_SIZE(runtime_floor);

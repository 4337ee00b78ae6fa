/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "profile-watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include "bus.h"
#include "io.h"
#include "number.h"
#include "syscall-watch.h"
#include "unit-name.h"

#define CGROUPS "/sys/fs/cgroup"
#define WARM_UP USEC_PER_SEC

enum { LOOK_EVERY = 100 /* ms */, DEPTH_MAX = 16, PROCS_MAX = 4 * 1024 * 1024 };

/* --- the control group of all instances ------------------------------------------------------- */

typedef struct Finding {
        sd_bus *bus;
        const char *id;
        char *cgroup; /* owned; of the slice */
} Finding;

static bool is_instance_of(const char *unit, const char *id) {
        char found[UNIT_NAME_MAX + 1];
        unsigned number;
        return parse_instance_unit(unit, found, &number) >= 0 && STREQ(found, id);
}

static int take_unit(const BusUnit *u, void *userdata) {
        Finding *f = userdata;
        CLEANUP(freep) char *cgroup = NULL;

        if (f->cgroup || STREQ(u->active, "inactive") || !is_instance_of(u->name, f->id))
                return 0;
        int r = bus_get_string(f->bus, u->name, BUS_SERVICE, "ControlGroup", &cgroup);
        if (r < 0 || *cgroup == '\0')
                return 0; /* it has ended meanwhile, or failed */
        *strrchr(cgroup, '/') = '\0';
        return asprintf(&f->cgroup, CGROUPS "%s", cgroup) < 0 ? -ENOMEM : 0;
}

static int open_cgroup(sd_bus *bus, const char *id) {
        Finding f = { .bus = bus, .id = id };

        int r = bus_list_units(bus, take_unit, &f);
        CLEANUP(freep) char *cgroup = f.cgroup;
        if (r < 0)
                fprintf(stderr, "workerctl: the units can't be listed: %s\n", strerror(-r));
        else if (!cgroup) {
                fprintf(stderr,
                                "workerctl: no instance of '%s' runs, so there is nothing to "
                                "watch; start one with 'systemctl start worker-%s@1.service'\n",
                                id, id);
                r = -ESRCH;
        }
        if (r < 0)
                return r;
        int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) {
                r = -errno;
                fprintf(stderr, "workerctl: %s: %s\n", cgroup, strerror(-r));
        }
        return fd < 0 ? r : fd;
}

/* --- what runs already ----------------------------------------------------------------------- */

/* One that systemd still sets up is its own program, or its helper. */
static bool is_of_systemd(pid_t pid) {
        char link[sizeof("/proc//exe") + 3 * sizeof(pid)], program[PATH_MAX];

        (void) snprintf(link, sizeof(link), "/proc/%d/exe", pid);
        ssize_t n = readlink(link, program, sizeof(program) - 1);
        if (n < 0)
                return false;
        program[n] = '\0';
        const char *slash = strrchr(program, '/');
        return slash && (STREQ(slash, "/systemd") || STREQ(slash, "/systemd-executor"));
}

static int take_processes(int fd, Observation *o) {
        CLEANUP(freep) char *text = NULL;
        int r = read_file_at(fd, "cgroup.procs", PROCS_MAX, &text, NULL);

        if (r < 0) /* it went away, or has threads of its own rules: cgroups(7) */
                return r == -ENOMEM ? r : 0;
        char *rest = text;
        r = 0;
        for (char *line; r == 0 && (line = strsep(&rest, "\n"));) {
                unsigned pid;
                if (parse_unsigned(line, &pid) == 0 && pid > 0 && pid <= INT_MAX
                                && !is_of_systemd((pid_t) pid))
                        r = observation_known(o, (pid_t) pid);
        }
        return r;
}

/* Below the slice there must be instances only; below these may be anything, which is theirs. */
static int take_cgroup(int fd, const char *id, int depth, Observation *o) {
        CLEANUP(closep) int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = copy < 0 ? NULL : fdopendir(copy);
        int r;

        if (!d)
                return errno == ENOENT ? 0 : -errno;
        copy = -1;
        r = take_processes(fd, o);
        for (struct dirent *e; r == 0 && (errno = 0, e = readdir(d));) {
                if (e->d_type != DT_DIR || *e->d_name == '.')
                        continue;
                if (depth == 0 && !is_instance_of(e->d_name, id)) {
                        fprintf(stderr,
                                        "workerctl: the slice of '%s' has other units in it, such "
                                        "as '%s': what they do can't be told apart\n",
                                        id, e->d_name);
                        r = -EXDEV;
                        break;
                }
                CLEANUP(closep)
                int below = openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (below >= 0 && depth < DEPTH_MAX)
                        r = take_cgroup(below, id, depth + 1, o);
        }
        (void) closedir(d);
        return r;
}

/* --- watching -------------------------------------------------------------------------------- */

static void show_progress(const char *id, usec_t left, const Observation *o) {
        char span[TIMESPAN_MAX];
        usec_t seconds = (left + USEC_PER_SEC - 1) / USEC_PER_SEC; /* the last one counts, too */

        if (!isatty(STDERR_FILENO))
                return;
        fprintf(stderr, "\r\x1b[K%s: %u uncommon calls, %u starts", id, syscall_set_count(&o->seen),
                        o->starts);
        if (left < USEC_INFINITY)
                fprintf(stderr, ", %s left",
                                format_timespan(span, sizeof(span), seconds * USEC_PER_SEC));
        fprintf(stderr, "; Ctrl-C ends it");
}

static void end_progress(void) {
        if (isatty(STDERR_FILENO))
                fprintf(stderr, "\r\x1b[K");
}

/* After a loss it is looked anew at who is there. At the begin, when a busy worker makes all of its
 * calls at once, that only makes the watch begin a little later. */
static int recover(int cgroup_fd, const char *id, usec_t past, Observation *o) {
        if (!o->confused)
                return 0;
        observation_recover(o);
        if (past < WARM_UP)
                o->losses = 0;
        return take_cgroup(cgroup_fd, id, 0, o);
}

/* What was seen need not be told again, but seccomp(2), by which a start is known. */
static int pass_over(SyscallWatch *w, const SyscallSet *known, const SyscallSet *seen) {
        SyscallSet all = *known;

        syscall_set_add(&all, seen);
        syscall_set_put(&all, SCMP_SYS(seccomp), false);
        return syscall_watch_pass_over(w, &all);
}

/* Looks until the time is over, a signal comes, or the control group goes. */
static int look(SyscallWatch *w, int cgroup_fd, int signal_fd, const char *id, usec_t span,
                const SyscallSet *known, Observation *o) {
        const usec_t begin = monotonic_usec();
        unsigned passed_over = 0;
        bool over = false;
        usec_t past;
        int r = 0;

        while (r == 0 && !over && (past = monotonic_usec() - begin) < span) {
                usec_t left = span == USEC_INFINITY ? span : span - past;
                show_progress(id, left, o);
                r = syscall_watch_wait(w,
                                left < LOOK_EVERY * USEC_PER_MSEC ? (int) (left / USEC_PER_MSEC) + 1
                                                                  : LOOK_EVERY,
                                signal_fd, o);
                over = r > 0 || faccessat(cgroup_fd, "cgroup.procs", F_OK, 0) < 0;
                if (r >= 0)
                        r = recover(cgroup_fd, id, past, o);
                if (r == 0 && syscall_set_count(&o->seen) != passed_over) {
                        passed_over = syscall_set_count(&o->seen);
                        r = pass_over(w, known, &o->seen);
                }
        }
        end_progress();
        return r < 0 ? r : syscall_watch_finish(w, o);
}

static int watch_cgroup(int cgroup_fd, int signal_fd, const char *id, usec_t span,
                const SyscallSet *known, Observation *o) {
        CLEANUP(syscall_watch_closep) SyscallWatch *w = NULL;
        const char *what;

        int r = syscall_watch_open(cgroup_fd, known, &w, &what);
        if (r < 0) {
                fprintf(stderr,
                                "workerctl: this system does not let its system calls be watched: "
                                "%s: %s\n",
                                what, strerror(-r));
                return r;
        }
        r = take_cgroup(cgroup_fd, id, 0, o);
        if (r == 0)
                r = look(w, cgroup_fd, signal_fd, id, span, known, o);
        if (r < 0 && r != -EXDEV) /* that was said */
                fprintf(stderr, "workerctl: the watch was broken off: %s\n", strerror(-r));
        return r;
}

int profile_watch(sd_bus *bus, const char *id, usec_t span, const SyscallSet *known, Observation *o,
                usec_t *ret_watched) {
        CLEANUP(observation_done) Observation made = { 0 };
        sigset_t ends, before;

        CLEANUP(closep) int cgroup_fd = open_cgroup(bus, id);
        if (cgroup_fd < 0)
                return cgroup_fd;
        (void) sigemptyset(&ends);
        (void) sigaddset(&ends, SIGINT);
        (void) sigaddset(&ends, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &ends, &before);
        CLEANUP(closep) int signal_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
        usec_t begin = monotonic_usec();
        int r = watch_cgroup(cgroup_fd, signal_fd, id, span, known, &made);
        /* the one that ended it must not end what comes then */
        while (signal_fd >= 0
                        && read(signal_fd, &(struct signalfd_siginfo){ 0 },
                                           sizeof(struct signalfd_siginfo))
                                           > 0)
                ;
        (void) sigprocmask(SIG_SETMASK, &before, NULL);
        if (r < 0)
                return r;
        *ret_watched = monotonic_usec() - begin;
        *o = made;
        made = (Observation){ 0 };
        return 0;
}

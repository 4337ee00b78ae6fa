/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sender.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

/* linux/pidfd.h of Linux 6.15 */
#ifndef PIDFD_GET_INFO
struct pidfd_info {
        uint64_t mask;
        uint64_t cgroupid;
        uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
        int32_t exit_code;
};
#define PIDFD_GET_INFO _IOWR(0xFF, 11, struct pidfd_info)
#endif
#ifndef PIDFD_INFO_CGROUPID
#define PIDFD_INFO_CGROUPID (1UL << 2)
#endif
#ifndef PIDFD_INFO_EXIT
#define PIDFD_INFO_EXIT (1UL << 3)
#endif

enum { N_SLOTS = 16384, N_CGROUPS = 4096 };

/* What makes an entry the right one:
 * - with pidfs (Linux 6.9) the inode number of a pidfd is that of one process for as long as the
 *   machine runs, so equal numbers mean the same process;
 * - without, a pidfd of the process is kept: as long as that process is not gone, nobody else has
 * its pid. */
typedef struct Entry {
        pid_t pid; /* 0: the slot is empty */
        int pidfd; /* owned; -1 with pidfs */
        ino_t inode;
        char *unit; /* owned; NULL: in no unit */
} Entry;

/* One slot for each value of the lower bits of a pid: pids are given out one after the other, so
 * that two living senders seldom share one. */
typedef struct Cgroup {
        uint64_t id; /* never used again; 0: the slot is empty */
        char *unit;  /* owned */
} Cgroup;

struct SenderCache {
        SenderResolver resolve;
        bool pidfs_known, pidfs; /* whether pidfds have inode numbers of their own */
        Entry slots[N_SLOTS];
        Cgroup cgroups[N_CGROUPS];
};

SenderCache *sender_cache_new(SenderResolver resolve) {
        SenderCache *c = calloc(1, sizeof(SenderCache));
        if (c)
                c->resolve = resolve;
        return c;
}

static void entry_done(Entry *e) {
        if (e->pid > 0 && e->pidfd >= 0)
                (void) close(e->pidfd);
        free(e->unit);
        *e = (Entry){ 0 };
}

SenderCache *sender_cache_free(SenderCache *c) {
        if (!c)
                return NULL;
        for (size_t i = 0; i < N_SLOTS; i++)
                entry_done(&c->slots[i]);
        for (size_t i = 0; i < N_CGROUPS; i++)
                free(c->cgroups[i].unit);
        free(c);
        return NULL;
}

/* Ended and waited for: from then on others may have its pid. */
static bool is_gone(int pidfd) {
        return syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0 && errno == ESRCH;
}

/* 0 where there is no such number. */
static ino_t pidfd_inode(SenderCache *c, int pidfd) {
        struct statfs fs;
        struct stat st;

        if (pidfd < 0)
                return 0;
        if (!c->pidfs_known) {
                c->pidfs = fstatfs(pidfd, &fs) >= 0 && fs.f_type == PID_FS_MAGIC;
                c->pidfs_known = true;
        }
        return c->pidfs && fstat(pidfd, &st) >= 0 ? st.st_ino : 0;
}

bool sender_is_same(SenderCache *c, int pidfd, int other) {
        ino_t inode = pidfd_inode(c, pidfd);
        return inode > 0 && inode == pidfd_inode(c, other);
}

static bool entry_matches(const Entry *e, pid_t pid, ino_t inode) {
        if (e->pid != pid)
                return false;
        return inode > 0 ? e->inode == inode : e->pidfd >= 0 && !is_gone(e->pidfd);
}

/* The number of the cgroup that a process is, or was, in; 0 where the kernel does not tell. */
static uint64_t pidfd_cgroup(int pidfd) {
        struct pidfd_info info = { .mask = PIDFD_INFO_CGROUPID | PIDFD_INFO_EXIT };

        if (pidfd < 0 || ioctl(pidfd, PIDFD_GET_INFO, &info) < 0
                        || !(info.mask & PIDFD_INFO_CGROUPID))
                return 0;
        return info.cgroupid;
}

static void cgroup_learn(SenderCache *c, uint64_t id, const char *unit) {
        Cgroup *known = &c->cgroups[id % N_CGROUPS];
        if (id == 0 || !unit || known->id == id)
                return;

        char *copy = strdup(unit);
        if (!copy)
                return;
        free(known->unit);
        *known = (Cgroup){ .id = id, .unit = copy };
}

/* Asks /proc, and then the pidfd whether it was still that process that answered. */
static int entry_fill(Entry *e, SenderCache *c, pid_t pid, int pidfd, ino_t inode) {
        CLEANUP(freep) char *unit = NULL;
        CLEANUP(closep) int own = -1;

        if (inode == 0) {
                own = pidfd >= 0 ? fcntl(pidfd, F_DUPFD_CLOEXEC, 3)
                                 : (int) syscall(SYS_pidfd_open, pid, 0);
                if (own < 0)
                        return -errno;
        }

        int r = c->resolve(pid, &unit);
        if (r < 0 && r != -ENODATA)
                return r;
        if (is_gone(own >= 0 ? own : pidfd))
                return -ESRCH;

        cgroup_learn(c, pidfd_cgroup(pidfd), unit);
        *e = (Entry){ .pid = pid, .pidfd = TAKE_FD(own), .inode = inode, .unit = TAKE_PTR(unit) };
        return 0;
}

static int ended_sender_unit(const SenderCache *c, int pidfd, const char **ret) {
        uint64_t id = pidfd_cgroup(pidfd);
        const Cgroup *known = &c->cgroups[id % N_CGROUPS];
        if (id == 0 || known->id != id)
                return -ESRCH;

        *ret = known->unit;
        return 0;
}

int sender_unit(SenderCache *c, pid_t pid, int pidfd, const char **ret) {
        if (pid <= 0) /* from outside our process namespace */
                return -ENXIO;

        Entry *e = &c->slots[pid % N_SLOTS];
        ino_t inode = pidfd_inode(c, pidfd);
        if (!entry_matches(e, pid, inode)) {
                entry_done(e);
                int r = entry_fill(e, c, pid, pidfd, inode);
                if (r == -ESRCH)
                        return ended_sender_unit(c, pidfd, ret);
                if (r < 0)
                        return r;
        }
        if (!e->unit)
                return -ENXIO;

        *ret = e->unit;
        return 0;
}

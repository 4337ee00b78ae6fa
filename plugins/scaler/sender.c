/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sender.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

enum { N_SLOTS = 16384 };

/* What makes an entry the right one:
 * - with pidfs (Linux 6.9) the inode number of a pidfd is that of one process for as long as the
 *   machine runs, so equal numbers mean the same process;
 * - without, a pidfd of the process is kept: as long as that process has not ended, nobody else
 *   has its pid. */
typedef struct Entry {
        pid_t pid; /* 0: the slot is empty */
        int pidfd; /* owned; -1 with pidfs */
        ino_t inode;
        char *unit; /* owned; NULL: in no unit */
} Entry;

/* One slot for each value of the lower bits of a pid: pids are given out one after the other, so
 * that two living senders seldom share one. */
struct SenderCache {
        SenderResolver resolve;
        Entry slots[N_SLOTS];
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
        if (c)
                for (size_t i = 0; i < N_SLOTS; i++)
                        entry_done(&c->slots[i]);
        free(c);
        return NULL;
}

static bool has_ended(int pidfd) {
        struct pollfd p = { .fd = pidfd, .events = POLLIN };
        return poll(&p, 1, 0) != 0;
}

/* 0 where pidfds have no numbers of their own. */
static ino_t pidfd_inode(int pidfd) {
        struct statfs fs;
        struct stat st;

        if (pidfd < 0 || fstatfs(pidfd, &fs) < 0 || fs.f_type != PID_FS_MAGIC
                        || fstat(pidfd, &st) < 0)
                return 0;
        return st.st_ino;
}

static bool entry_matches(const Entry *e, pid_t pid, ino_t inode) {
        if (e->pid != pid)
                return false;
        return inode > 0 ? e->inode == inode : e->pidfd >= 0 && !has_ended(e->pidfd);
}

/* Asks /proc, and then the pidfd whether it was still that process that answered. */
static int entry_fill(Entry *e, SenderResolver resolve, pid_t pid, int pidfd, ino_t inode) {
        CLEANUP(freep) char *unit = NULL;
        CLEANUP(closep) int own = -1;

        if (inode == 0) {
                own = pidfd >= 0 ? fcntl(pidfd, F_DUPFD_CLOEXEC, 3)
                                 : (int) syscall(SYS_pidfd_open, pid, 0);
                if (own < 0)
                        return -errno;
        }

        int r = resolve(pid, &unit);
        if (r < 0 && r != -ENODATA)
                return r;
        if (has_ended(own >= 0 ? own : pidfd))
                return -ESRCH;

        *e = (Entry){ .pid = pid, .pidfd = TAKE_FD(own), .inode = inode, .unit = TAKE_PTR(unit) };
        return 0;
}

int sender_unit(SenderCache *c, pid_t pid, int pidfd, const char **ret) {
        if (pid <= 0) /* from outside our process namespace */
                return -ENXIO;

        Entry *e = &c->slots[pid % N_SLOTS];
        ino_t inode = pidfd_inode(pidfd);
        if (!entry_matches(e, pid, inode)) {
                entry_done(e);
                int r = entry_fill(e, c->resolve, pid, pidfd, inode);
                if (r < 0)
                        return r;
        }
        if (!e->unit)
                return -ENXIO;

        *ret = e->unit;
        return 0;
}

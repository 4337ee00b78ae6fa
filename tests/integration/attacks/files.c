/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>

#include "attacks.h"
#include "scan.h"
#include "strbuf.h"

/* Ways to change the host's files, and what of its own can be written. */

static int create_below(const void *argument) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };

        strbuf_printf(&path, "%s/.attack", (const char *) argument);
        CLEANUP(closep)
        int fd = open(strbuf_string(&path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        (void) unlink(strbuf_string(&path));
        return 0;
}

/* Opens only: what is behind is not changed where it works. */
static int open_for_writing(const void *argument) {
        CLEANUP(closep) int fd = open(argument, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
        return fd < 0 ? -errno : 0;
}

static int open_for_reading(const void *argument) {
        CLEANUP(closep) int fd = open(argument, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        return fd < 0 ? -errno : 0;
}

/* --- every directory that can be written ----------------------------------------------------- */

typedef int (*Visit)(const char *directory);

/* The places that are not searched: nothing can be created there, and there are many of them. */
static bool is_virtual(const FTSENT *e) {
        return STREQ(e->fts_path, "/proc") || STREQ(e->fts_path, "/sys");
}

/* Calls visit for each directory in which a file can be created, until it returns 0.
 * Returns -ENOENT when it never did. */
static int visit_writable(Visit visit) {
        char root[] = "/";
        char *const roots[] = { root, NULL };
        FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        int r = -ENOENT;

        if (!tree)
                return -errno;
        for (FTSENT *e; r < 0 && (e = fts_read(tree));) {
                if (e->fts_info != FTS_D)
                        continue;
                if (is_virtual(e))
                        (void) fts_set(tree, e, FTS_SKIP);
                else if (create_below(e->fts_path) == 0 && visit(e->fts_path) == 0)
                        r = 0;
        }
        (void) fts_close(tree);
        return r;
}

static int try_directory(const char *directory) {
        if (execute_below(directory) < 0 && map_below(directory) < 0)
                return -EACCES;
        printf("# '%s' can be written, and executed\n", directory);
        fflush(stdout);
        return 0;
}

static int execute_anywhere(const void *argument) {
        (void) argument;
        return visit_writable(try_directory);
}

/* Never 0, so that all are visited. */
static int print_directory(const char *directory) {
        int e = execute_below(directory), m = map_below(directory);

        printf("%s\t%s\t%s\n", directory, e == 0 ? "executes" : strerrorname_np(-e),
                        m == 0 ? "maps" : strerrorname_np(-m));
        return -ENOENT;
}

int list_writable(void) {
        int r = visit_writable(print_directory);

        printf("END\n");
        fflush(stdout);
        return r == -ENOENT ? 0 : r;
}

#define WRITE(directory, layer)                                                                    \
        { "create a file below " directory, create_below, directory, STOPPED, STOPPED, layer }
#define OPEN(path, layer)                                                                          \
        { "write to " path, open_for_writing, path, STOPPED, STOPPED, layer }
#define READ(path, layer)                                                                          \
        { "read " path, open_for_reading, path, STOPPED, STOPPED, layer }

const Attack file_attacks[] = {
        WRITE("/", "private root, ProtectSystem"),
        WRITE("/etc", "ProtectSystem"),
        WRITE("/usr", "ProtectSystem"),
        WRITE("/usr/local/bin", "ProtectSystem"),
        WRITE("/var", "private root, ProtectSystem"),
        WRITE("/var/lib", "private root, ProtectSystem"),
        WRITE("/run", "private root, ProtectSystem"),
        WRITE("/run/workers", "ProtectSystem"),
        WRITE("/run/systemd/system", "private root"),
        WRITE("/dev", "PrivateDevices"),
        WRITE("/home", "private root, ProtectHome"),
        WRITE("/root", "private root, ProtectHome"),
        OPEN("/proc/sys/net/ipv4/ip_forward", "ProcSubset, ProtectKernelTunables"),
        OPEN("/proc/sys/kernel/core_pattern", "ProtectKernelTunables"),
        OPEN("/proc/sysrq-trigger", "ProcSubset"),
        OPEN("/sys/kernel/mm/ksm/run", "ProtectKernelTunables"),
        OPEN("/sys/fs/cgroup/cgroup.procs", "ProtectControlGroups"),
        OPEN("/dev/kmsg", "PrivateDevices"),
        OPEN("/dev/mem", "PrivateDevices"),
        OPEN("/dev/fuse", "PrivateDevices"),
        OPEN("/dev/net/tun", "PrivateDevices"),
        OPEN("/dev/vda", "PrivateDevices"),
        READ("/etc/shadow", "another user"),
        READ("/etc/workers/victim.yaml", "InaccessiblePaths"),
        READ("/proc/kallsyms", "ProcSubset"),
        READ("/proc/1/environ", "ProtectProc"),
        { "execute what was written to any directory", execute_anywhere, NULL, STOPPED, STOPPED,
                        "NoExecPaths" },
};
const size_t file_attacks_size = ARRAY_SIZE(file_attacks);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "macro.h"

/* landlock(7); all that changes a file system. TRUNCATE is of ABI 3, so of newer headers. */
#define ACCESS_TRUNCATE (1ULL << 14)
#define ACCESS_WRITE                                                                               \
        (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR                             \
                        | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR            \
                        | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG                \
                        | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO              \
                        | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static long landlock_abi(void) {
        return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

Confinement confinement_available(void) {
        if (landlock_abi() >= 1)
                return CONFINED;
        printf("not checked: writing outside of the output directory, as this kernel has no "
               "Landlock (%s)\n",
                        strerror(errno));
        return CONFINED_PARTLY;
}

static int confine_writing(const char *directory) {
        struct landlock_ruleset_attr ruleset = { .handled_access_fs = ACCESS_WRITE };
        if (landlock_abi() >= 3)
                ruleset.handled_access_fs |= ACCESS_TRUNCATE;

        CLEANUP(closep)
        int fd = (int) syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
        if (fd < 0)
                return -errno;

        CLEANUP(closep) int directory_fd = open(directory, O_PATH | O_CLOEXEC);
        if (directory_fd < 0)
                return -errno;

        struct landlock_path_beneath_attr rule = {
                .allowed_access = ruleset.handled_access_fs,
                .parent_fd = directory_fd,
        };
        if (syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
                return -errno;
        return syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
}

static void releasep(scmp_filter_ctx *ctx) {
        seccomp_release(*ctx);
}

static int confine_system_calls(void) {
        static const int killed[] = {
                SCMP_SYS(socket),
                SCMP_SYS(socketpair),
                SCMP_SYS(connect),
                SCMP_SYS(fork),
                SCMP_SYS(vfork),
                SCMP_SYS(clone),
                SCMP_SYS(clone3),
                SCMP_SYS(io_uring_setup),
        };
        CLEANUP(releasep) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
        if (!ctx)
                return -ENOMEM;

        for (size_t i = 0; i < ARRAY_SIZE(killed); i++) {
                int r = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, killed[i], 0);
                if (r < 0)
                        return r;
        }
        return seccomp_load(ctx);
}

int confine(Confinement c, const char *directory) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;

        int r = c == CONFINED ? confine_writing(directory) : 0;
        return r < 0 ? r : confine_system_calls();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "restrict.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "io.h"

static int give_up_privileges(void) {
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* --- Landlock: what is newer than the headers of Debian 12 has a name here, the kernel's
 * Documentation/userspace-api/landlock.rst explains it -------------------------------------------
 */

enum {
        RULESET_VERSION = 1, /* LANDLOCK_CREATE_RULESET_VERSION */
        PATH_BENEATH = 1,

        WRITE_FILE = 1 << 1,
        REFER = 1 << 13,

        SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0,
        SCOPE_SIGNAL = 1 << 1,
};

typedef struct RulesetAttributes {
        uint64_t handled_access_fs, handled_access_net, scoped;
} RulesetAttributes;

typedef struct PathBeneath {
        uint64_t allowed_access;
        int32_t parent_fd;
} __attribute__((packed)) PathBeneath;

/* Allows what is below a path, which may have gone or be no place to write to. */
static int allow_beneath(int ruleset_fd, int dir_fd, const char *name, uint64_t access) {
        CLEANUP(closep) int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return errno == ENOENT || errno == EACCES ? 0 : -errno;
        if (S_ISLNK(st.st_mode))
                return 0; /* leads to something that has a rule */
        const PathBeneath rule = { .allowed_access = access, .parent_fd = fd };
        return syscall(SYS_landlock_add_rule, ruleset_fd, PATH_BENEATH, &rule, 0) < 0 ? -errno : 0;
}

/* Rules only ever add: so each directory of the root but /proc has one. */
static int allow_all_but_proc(int ruleset_fd) {
        DIR *root = opendir("/");
        int r;

        if (!root)
                return -errno;
        r = allow_beneath(ruleset_fd, dirfd(root), ".", REFER);
        for (struct dirent *e; r == 0 && (errno = 0, e = readdir(root));)
                if (!STREQ(e->d_name, ".") && !STREQ(e->d_name, "..") && !STREQ(e->d_name, "proc"))
                        r = allow_beneath(ruleset_fd, dirfd(root), e->d_name, WRITE_FILE);
        (void) closedir(root);
        return r;
}

long landlock_abi(void) {
        return syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION);
}

int landlock_confine(Confinement *ret) {
        const long abi = landlock_abi();
        const RulesetAttributes attributes = {
                .handled_access_fs = abi >= LANDLOCK_ABI_OF_FILES ? WRITE_FILE | REFER : 0,
                .scoped
                = abi >= LANDLOCK_ABI_OF_SCOPES ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0,
        };

        *ret = (Confinement){ 0 };
        if (abi < 0 && errno != ENOSYS && errno != EOPNOTSUPP && errno != EPERM)
                return -errno;
        if (attributes.handled_access_fs == 0)
                return 0;

        /* a kernel that knows less takes what is longer as long as that is 0 */
        CLEANUP(closep)
        int fd = (int) syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
        if (fd < 0)
                return -errno;
        int r = allow_all_but_proc(fd);
        if (r == 0)
                r = give_up_privileges();
        if (r < 0)
                return r;
        if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
                return -errno;
        *ret = (Confinement){ .scopes = attributes.scoped, .proc_writes = true };
        return 0;
}

/* --- seccomp --------------------------------------------------------------------------------- */

int filter_load(const char *path) {
        CLEANUP(freep) char *code = NULL;
        size_t size = 0;

        int r = read_file_at(
                        AT_FDCWD, path, BPF_MAXINSNS * sizeof(struct sock_filter), &code, &size);
        if (r < 0)
                return r;
        if (size == 0 || size % sizeof(struct sock_filter) != 0)
                return -EBADMSG;
        const struct sock_fprog program = {
                .len = (unsigned short) (size / sizeof(struct sock_filter)),
                .filter = (struct sock_filter *) (void *) code,
        };
        r = give_up_privileges();
        if (r < 0)
                return r;
        return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
}

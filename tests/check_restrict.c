/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "check_main.h"
#include "file_tree.h"
#include "io.h"
#include "restrict.h"

/* What worker-exec closes, tried in a child that has closed it. */

typedef int (*Attempt)(const char *argument);

enum { SKIP = 77, FAILED_TO_CONFINE = 99 };

/* Confines a child and lets it try: 0 or the errno of the attempt; SKIP where the kernel lacks what
 * is wanted. */
static int confined(Attempt attempt, const char *argument, bool scopes) {
        int status;
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                Confinement c;
                int r = landlock_confine(&c);
                if (r < 0)
                        _exit(FAILED_TO_CONFINE);
                if (!(scopes ? c.scopes : c.proc_writes))
                        _exit(SKIP);
                _exit(-attempt(argument));
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status));
        ck_assert_int_ne(WEXITSTATUS(status), FAILED_TO_CONFINE);
        return WEXITSTATUS(status);
}

/* expected: an errno or 0. It must work, or fail otherwise, where nothing is confined. */
static void expect(Attempt attempt, const char *argument, bool scopes, int expected) {
        int r = confined(attempt, argument, scopes);

        if (r == SKIP) {
                printf("skipped: this kernel has no Landlock, or too old a one\n");
                return;
        }
        ck_assert_msg(r == expected, "%s: %s instead of %s", argument, strerrorname_np(r),
                        strerrorname_np(expected));
}

static int write_to(const char *path) {
        CLEANUP(closep) int fd = open(path, O_WRONLY | O_CLOEXEC);
        return fd < 0 ? -errno : 0;
}

static int read_from(const char *path) {
        CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : 0;
}

START_TEST(nothing_below_proc_is_written) {
        static const char *const paths[] = { "/proc/self/mem", "/proc/thread-self/mem",
                "/proc/self/task/../mem", "/proc/self/oom_score_adj" };

        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
                ck_assert_int_eq(write_to(paths[i]), 0);
                expect(write_to, paths[i], false, EACCES);
                expect(read_from, paths[i], false, 0);
        }
}
END_TEST

/* argument: a directory with "a/file" and "b" in it */
static int work_with_files(const char *directory) {
        int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || renameat(fd, "a/file", fd, "b/file") < 0
                        || linkat(fd, "b/file", fd, "a/link", 0) < 0)
                return -errno;
        int created = openat(fd, "b/new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (created < 0 || write(created, "x", 1) != 1 || truncate(directory, 0) == 0)
                return -EIO;
        return write_to("/dev/null");
}

START_TEST(all_other_files_are_as_before) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(freep)
        char *a = path_join(top, "a"), *b = path_join(top, "b"), *file = path_join(top, "a/file");

        ck_assert_int_eq(mkdir(a, 0700), 0);
        ck_assert_int_eq(mkdir(b, 0700), 0);
        CLEANUP(closep) int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        expect(work_with_files, top, false, 0);
}
END_TEST

static int signal_parent(const char *argument) {
        (void) argument;
        return kill(getppid(), 0) < 0 ? -errno : 0;
}

static int signal_child(const char *argument) {
        (void) argument;
        pid_t pid = fork();
        if (pid == 0) {
                (void) pause();
                _exit(0);
        }
        int r = kill(pid, SIGKILL) < 0 ? -errno : 0;
        (void) waitpid(pid, NULL, 0);
        return r;
}

START_TEST(signals_end_at_the_process_and_its_children) {
        expect(signal_parent, "parent", true, EPERM);
        expect(signal_child, "child", true, 0);
}
END_TEST

static socklen_t abstract_address(const char *name, struct sockaddr_un *ret) {
        *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
        int n = snprintf(ret->sun_path + 1, sizeof(ret->sun_path) - 1, "%s", name);
        return (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + (size_t) n);
}

static int connect_to(const char *name) {
        struct sockaddr_un a;
        socklen_t size = abstract_address(name, &a);
        CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return fd < 0 || connect(fd, (struct sockaddr *) &a, size) < 0 ? -errno : 0;
}

START_TEST(abstract_sockets_outside_are_out_of_reach) {
        char name[64];
        struct sockaddr_un a;
        CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void) snprintf(name, sizeof(name), "check-restrict-%d", getpid());
        socklen_t size = abstract_address(name, &a);
        ck_assert_int_eq(bind(fd, (struct sockaddr *) &a, size), 0);
        ck_assert_int_eq(listen(fd, 2), 0);
        ck_assert_int_eq(connect_to(name), 0);
        expect(connect_to, name, true, EPERM);
}
END_TEST

/* --- filters --------------------------------------------------------------------------------- */

static int load_in_child(const char *path) {
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                int r = filter_load(path);
                _exit(r < 0 ? -r : prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 ? 0 : FAILED_TO_CONFINE);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static char *write_filter(const char *top, const char *name, const void *data, size_t size) {
        char *path = path_join(top, name);
        CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write_all(fd, data, size), 0);
        return path;
}

START_TEST(a_filter_is_loaded_or_nothing_runs) {
        const struct sock_filter good = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
                                 bad = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2);
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(freep)
        char *allow = write_filter(top, "allow", &good, sizeof(good)),
             *invalid = write_filter(top, "invalid", &bad, sizeof(bad)),
             *cut = write_filter(top, "cut", &good, sizeof(good) - 1),
             *empty = write_filter(top, "empty", "", 0), *missing = path_join(top, "missing");

        ck_assert_int_eq(load_in_child(allow), 0);
        ck_assert_int_eq(load_in_child(invalid), EINVAL);
        ck_assert_int_eq(load_in_child(cut), EBADMSG);
        ck_assert_int_eq(load_in_child(empty), EBADMSG);
        ck_assert_int_eq(load_in_child(missing), ENOENT);
}
END_TEST

CHECK_MAIN("restrict", TEST(nothing_below_proc_is_written), TEST(all_other_files_are_as_before),
                TEST(signals_end_at_the_process_and_its_children),
                TEST(abstract_sockets_outside_are_out_of_reach),
                TEST(a_filter_is_loaded_or_nothing_runs))

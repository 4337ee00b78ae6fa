/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"
#include "file_tree.h"
#include "generator.h"
#include "io.h"

/* Files and directories as they should not be. What a manifest itself may hold wrongly is tested
 * with its parts; what no other test has is here: too many files, what nobody may read, and files
 * that change while they are read. */

/* --- a root, and a run of the generator on it ----------------------------------------------------
 */

typedef struct Root {
        char *path;
        int fd;
        Generator generator;
        UnitTree tree;
        StrBuf messages;
} Root;

static void collect(const Diagnostics *d, void *userdata) {
        Root *r = userdata;

        for (size_t i = 0; i < d->n; i++)
                diagnostic_print(d, &d->items[i], 0, &r->messages);
}

static void root_make(Root *r) {
        *r = (Root){ .path = make_temporary_directory() };
        ck_assert_ptr_nonnull(r->path);
        ck_assert_int_eq(chmod(r->path, 0755), 0);
        r->fd = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(r->fd, 0);
        ck_assert_int_eq(mkdirat(r->fd, "etc", 0755), 0);
        ck_assert_int_eq(mkdirat(r->fd, "etc/workers", 0755), 0);
        ck_assert_int_eq(mkdirat(r->fd, "out", 0777), 0);
        ck_assert_int_eq(fchmodat(r->fd, "out", 0777, 0), 0);
        r->generator = (Generator){
                .sink = collect, .userdata = r, .host = { r->fd }, .systemd_version = 252
        };
}

static void root_done(Root *r) {
        generator_done(&r->generator);
        unit_tree_done(&r->tree);
        strbuf_done(&r->messages);
        closep(&r->fd);
        remove_temporary_directoryp(&r->path);
}

static void add_file(const Root *r, const char *name, const char *text, mode_t mode) {
        CLEANUP(closep)
        int fd = openat(r->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        ck_assert_msg(fd >= 0, "%s: %s", name, strerror(errno));
        ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
        ck_assert_int_eq(fchmod(fd, mode), 0);
}

#define GOOD(name)                                                                                 \
        "name: " name "\nversion: v1beta\ntype: worker\n"                                          \
        "worker: {stack: exec, stackSpec: {command: [/usr/bin/true]}}\n"

static int run(Root *r) {
        CLEANUP(closep) int out = openat(r->fd, "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP(freep) char *path = NULL;

        ck_assert_int_ge(out, 0);
        return generator_run(&r->generator, r->fd, out, &path);
}

/* --- tests ---------------------------------------------------------------------------------------
 */

START_TEST(too_many_files_are_refused_as_a_whole) {
        CLEANUP(root_done) Root r;

        root_make(&r);
        for (unsigned i = 0; i <= FILES_MAX; i++) {
                char name[64];
                (void) snprintf(name, sizeof(name), "etc/workers/%u.yaml", i);
                CLEANUP(closep) int fd = openat(r.fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
                ck_assert_int_ge(fd, 0);
        }
        ck_assert_int_eq(run(&r), -E2BIG);
        ck_assert_int_eq(unlinkat(r.fd, "etc/workers/0.yaml", 0), 0);
        ck_assert_int_eq(run(&r), 0); /* empty files mask, and nothing is left */
        ck_assert_uint_eq(r.generator.n_accepted + r.generator.n_refused, 0);
}
END_TEST

/* Runs as nobody, whom modes mean something to. */
static void become_nobody(void) {
        if (geteuid() == 0)
                ck_assert_int_eq(seteuid(65534), 0);
}

START_TEST(what_nobody_may_read_is_told_and_harms_no_other) {
        CLEANUP(root_done) Root r;

        root_make(&r);
        add_file(&r, "etc/workers/a.yaml", GOOD("secret"), 0000);
        add_file(&r, "etc/workers/b.yaml", GOOD("readable"), 0644);
        ck_assert_int_eq(mkdirat(r.fd, "run", 0755), 0);
        ck_assert_int_eq(mkdirat(r.fd, "run/workers", 0755), 0);
        ck_assert_int_eq(mkdirat(r.fd, "run/workers/manifests", 0000), 0);
        become_nobody();
        int result = run(&r);
        bool written = faccessat(r.fd, "out/worker-readable@.service", R_OK, 0) == 0;
        if (getuid() == 0)
                ck_assert_int_eq(seteuid(0), 0);

        ck_assert_int_eq(result, 0);
        ck_assert(written);
        ck_assert_uint_eq(r.generator.n_accepted, 1);
        ck_assert_str_eq(strbuf_string(&r.messages),
                        "/run/workers/manifests: error: can't be read: permission denied; check "
                        "its mode\n"
                        "/etc/workers/a.yaml: error: can't be read: permission denied; check its "
                        "mode\n");
}
END_TEST

START_TEST(each_reason_why_a_file_is_no_manifest_says_what_to_do) {
        static const struct {
                int error;
                const char *message;
        } rows[] = {
                { -EFBIG, "larger than 1 MiB: a manifest is never that large; remove it or split "
                          "it" },
                { -EISDIR, "a directory, not a file: rename or remove it" },
                { -EBADFD, "a FIFO, not a file: remove it" },
                { -ENODEV, "not a regular file: remove it" },
                { -ENOENT, "a symbolic link to a file that does not exist: mend or remove it" },
                { -ELOOP, "a symbolic link that leads to itself: mend or remove it" },
                { -EACCES, "can't be read: permission denied; check its mode" },
                { -EIO, "can't be read: Input/output error" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(root_done) Root r;
                CLEANUP(strbuf_done) StrBuf expected = { 0 };
                root_make(&r);
                ck_assert_int_eq(generator_add_unreadable(&r.generator, "/etc/workers/x.yaml",
                                                 rows[i].error, &r.tree),
                                0);
                strbuf_printf(&expected, "/etc/workers/x.yaml: error: %s\n", rows[i].message);
                ck_assert_str_eq(strbuf_string(&r.messages), strbuf_string(&expected));
        }
}
END_TEST

/* Makes the file longer, shorter and empty, and replaces it, until it is killed. */
static pid_t keep_changing(const Root *r) {
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid > 0)
                return pid;

        (void) prctl(PR_SET_PDEATHSIG, SIGKILL); /* when an assertion fails before the kill */
        for (unsigned i = 0;; i++) {
                int fd = openat(r->fd, "etc/workers/a.yaml",
                                O_WRONLY | O_CREAT | (i % 3 == 0 ? O_TRUNC : 0), 0644);
                if (i % 2 == 0 && ftruncate(fd, SOURCE_SIZE_MAX + (i % 5)) < 0)
                        _exit(1);
                (void) write_all(fd, GOOD("changing"), strlen(GOOD("changing")));
                (void) close(fd);
                if (i % 7 == 0)
                        (void) unlinkat(r->fd, "etc/workers/a.yaml", 0);
        }
}

START_TEST(a_file_that_changes_while_it_is_read_is_read_or_refused) {
        CLEANUP(root_done) Root r;
        unsigned good = 0;

        root_make(&r);
        add_file(&r, "etc/workers/b.yaml", GOOD("steady"), 0644);
        pid_t pid = keep_changing(&r);
        /* on a busy machine the other process may not have begun yet */
        for (unsigned i = 0; i < 2000 || good == 0; i++) {
                ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
                CLEANUP(source_done) Source s = { 0 };
                int k = source_read(&s, r.fd, "etc/workers/a.yaml", "/etc/workers/a.yaml");
                ck_assert_msg(k == 0 || k == -EFBIG || k == -ENOENT, "%s", strerror(-k));
                if (k < 0)
                        continue;
                ck_assert_uint_le(s.size, SOURCE_SIZE_MAX);
                ck_assert_int_eq(s.text[s.size], '\0');
                good++;
        }
        ck_assert_int_eq(run(&r), 0);
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        ck_assert_uint_ge(r.generator.n_accepted, 1); /* the other one, whatever this one was */
        ck_assert_int_eq(faccessat(r.fd, "out/worker-steady@.service", R_OK, 0), 0);
}
END_TEST

START_TEST(diagnostics_show_what_was_read_and_not_what_is_there_now) {
        CLEANUP(root_done) Root r;
        CLEANUP(source_done) Source s = { 0 };

        root_make(&r);
        add_file(&r, "etc/workers/a.yaml", GOOD("demo") "wrong: here\n", 0644);
        ck_assert_int_eq(source_read(&s, r.fd, "etc/workers/a.yaml", "/etc/workers/a.yaml"), 0);
        add_file(&r, "etc/workers/a.yaml", "other\n", 0644);
        ck_assert_int_eq(generator_add_source(&r.generator, &s, NULL, 0, &r.tree), 0);
        ck_assert_msg(strstr(strbuf_string(&r.messages), "\n  wrong: here\n  ^~~~~\n"), "%s",
                        strbuf_string(&r.messages));
}
END_TEST

CHECK_MAIN("bad-input", TEST(too_many_files_are_refused_as_a_whole),
                TEST(what_nobody_may_read_is_told_and_harms_no_other),
                TEST(each_reason_why_a_file_is_no_manifest_says_what_to_do),
                TEST(a_file_that_changes_while_it_is_read_is_read_or_refused),
                TEST(diagnostics_show_what_was_read_and_not_what_is_there_now))

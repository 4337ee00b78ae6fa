/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check_main.h"
#include "confine.h"
#include "golden_case.h"
#include "io.h"
#include "source.h"
#include "strbuf.h"

/* Miniature roots: golden/CASE/root goes in; golden/CASE/expected (units), .../messages (standard
 * error) and .../exit (exit code) must come out, byte for byte, from the real program. */

enum { OUTPUT_MAX = 4 * 1024 * 1024 };

/* --- what no repository or archive can hold is made here ---------------------------------------
 */

static void make_link(const char *root, const char *name, const char *target) {
        CLEANUP(freep) char *path = path_join(root, name);
        ck_assert_int_eq(symlink(target, path), 0);
}

/* "make dist" follows links */
static void make_masks(const char *root) {
        make_link(root, "etc/workers/linked.yaml", "/dev/null");
}

static void make_too_large(const char *path) {
        FILE *f = fopen(path, "w");
        ck_assert_ptr_nonnull(f);
        for (size_t i = 0; i < SOURCE_SIZE_MAX / 16 + 1; i++)
                fputs("# 16 characters\n", f);
        ck_assert_int_eq(fclose(f), 0);
}

static void make_unreadable(const char *root) {
        CLEANUP(freep) char *directory = path_join(root, "etc/workers/directory.yaml");
        CLEANUP(freep) char *fifo = path_join(root, "etc/workers/fifo.yaml");
        CLEANUP(freep) char *large = path_join(root, "etc/workers/large.yaml");

        ck_assert_int_eq(mkdir(directory, 0755), 0);
        ck_assert_int_eq(mkfifo(fifo, 0644), 0);
        make_too_large(large);
        make_link(root, "etc/workers/loop.yaml", "loop.yaml");
        make_link(root, "etc/workers/device.yaml", "/dev/zero");
        make_link(root, "etc/workers/dangling.yaml", "/nowhere/gone.yaml");
}

static const struct {
        const char *name;
        void (*make)(const char *root);
} extras[] = {
        { "masks-and-precedence", make_masks },
        { "unreadable-files", make_unreadable },
};

/* --- running ---------------------------------------------------------------------------------- */

typedef struct Outcome {
        int status;
        char *messages; /* owned */
        FileTree units;
} Outcome;

static void outcome_done(Outcome *o) {
        free(o->messages);
        file_tree_done(&o->units);
}

/* Only what is installed there: the vendor's manifests, too, may be below the same directory. */
static void normalize(char **text) {
        replace_all(text, WORKERSDIR "/plugins", "@workersdir@/plugins");
        replace_all(text, WORKERSDIR "/worker-exec", "@workersdir@/worker-exec");
}

static void start_child(const char *root, const char *out, const char *messages, bool confined) {
        CLEANUP(freep) char *program = NULL, *argument = NULL;
        int fd = open(messages, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

        if (fd < 0 || dup2(fd, STDERR_FILENO) < 0
                        || asprintf(&program, "%s/generator/worker-generator", getenv("BUILDDIR"))
                                           < 0
                        || asprintf(&argument, "--root=%s", root) < 0)
                _exit(99);
        if (confined) {
                /* the leak checker of a sanitized build starts a thread of its own */
                (void) setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
                if (confine(confinement_available(), out) < 0)
                        _exit(98);
        }
        (void) unsetenv("SYSTEMD_SCOPE");
        execl(program, "worker-generator", argument, "--systemd-version=252", out, NULL);
        _exit(97);
}

static void run(const char *root, const char *top, const char *name, bool confined, Outcome *ret) {
        CLEANUP(freep) char *out = path_join(top, name), *messages = NULL;

        ck_assert_int_ge(asprintf(&messages, "%s.messages", out), 0);
        ck_assert_int_eq(mkdir(out, 0755), 0);

        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0)
                start_child(root, out, messages, confined);
        int status;
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));

        ret->status = WEXITSTATUS(status);
        ck_assert_int_eq(read_file_at(AT_FDCWD, messages, OUTPUT_MAX, &ret->messages, NULL), 0);
        ck_assert_int_eq(file_tree_read(out, &ret->units), 0);
        normalize(&ret->messages);
        for (size_t i = 0; i < ret->units.n; i++)
                normalize(&ret->units.files[i].content);
}

/* --- comparing ---------------------------------------------------------------------------------
 */

/* The number of the first line that differs, and both lines. */
static void fail_at_difference(
                const char *what, const char *path, const char *expected, const char *found) {
        unsigned line = 1;

        while (*expected && *found) {
                size_t n = strcspn(expected, "\n"), m = strcspn(found, "\n");
                if (n != m || strncmp(expected, found, n) != 0)
                        break;
                expected += n + (expected[n] ? 1 : 0);
                found += m + (found[m] ? 1 : 0);
                line++;
        }
        ck_abort_msg("%s, %s:%u\nexpected: %.*s\nfound:    %.*s", what, path, line,
                        (int) strcspn(expected, "\n"), expected, (int) strcspn(found, "\n"), found);
}

static void compare_text(
                const char *what, const char *path, const char *expected, const char *found) {
        if (!STREQ(expected, found))
                fail_at_difference(what, path, expected, found);
}

/* What units load by LoadCredential= is in "worker-ID.d", for nobody but root. */
static mode_t mode_of(const char *path) {
        const char *slash = strchr(path, '/');
        bool drop_in = !slash || strstr(path, ".target.d/") || strstr(path, ".service.d/")
                       || strstr(path, ".slice.d/");
        return drop_in ? 0644 : 0600;
}

static void compare_trees(const char *name, const FileTree *expected, const FileTree *found) {
        for (size_t i = 0; i < found->n; i++)
                ck_assert_msg(file_tree_find(expected, found->files[i].path), "%s: stray file %s",
                                name, found->files[i].path);
        for (size_t i = 0; i < expected->n; i++) {
                const char *path = expected->files[i].path;
                const TreeFile *f = file_tree_find(found, path);
                ck_assert_msg(f, "%s: missing file %s", name, path);
                compare_text(name, path, expected->files[i].content, f->content);
                ck_assert_msg(f->mode == mode_of(path), "%s: %s has mode %o", name, path, f->mode);
        }
}

static void compare_outcomes(const char *name, const Outcome *expected, const Outcome *found) {
        compare_text(name, "messages", expected->messages, found->messages);
        compare_trees(name, &expected->units, &found->units);
        ck_assert_msg(expected->status == found->status, "%s: exit code %d, expected %d", name,
                        found->status, expected->status);
}

static void read_expected(const GoldenCases *g, int i, Outcome *ret) {
        CLEANUP(freep) char *messages = golden_path(g, i, "messages");
        CLEANUP(freep) char *exit_code = golden_path(g, i, "exit");
        CLEANUP(freep) char *code = NULL;

        ck_assert_msg(read_file_at(AT_FDCWD, messages, OUTPUT_MAX, &ret->messages, NULL) == 0, "%s",
                        messages);
        ck_assert_msg(read_file_at(AT_FDCWD, exit_code, OUTPUT_MAX, &code, NULL) == 0, "%s",
                        exit_code);
        ret->status = atoi(code);
        ck_assert_int_eq(golden_read_units(g, i, &ret->units), 0);
}

/* --- the cases ---------------------------------------------------------------------------------
 */

START_TEST(a_root_becomes_the_expected_units) {
        CLEANUP(golden_cases_done) GoldenCases g = golden_cases_list();
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(outcome_done) Outcome expected = { 0 }, first = { 0 }, second = { 0 };

        ck_assert_int_gt(g.n, _i);
        const char *name = g.entries[_i]->d_name;
        CLEANUP(freep) char *root = golden_path(&g, _i, "root"), *copy = path_join(top, "root");
        ck_assert_msg(copy_tree(root, copy) == 0, "%s cannot be copied", root);
        for (size_t i = 0; i < ARRAY_SIZE(extras); i++)
                if (STREQ(extras[i].name, name))
                        extras[i].make(copy);

        read_expected(&g, _i, &expected);
        run(copy, top, "first", true, &first);
        compare_outcomes(name, &expected, &first);
        run(copy, top, "second", false, &second);
        compare_outcomes(name, &first, &second);
}
END_TEST

/* --- the confinement itself ---------------------------------------------------------------------
 */

/* Runs f in a confined child; its exit code, or 128 and the signal. */
static int run_confined(int (*f)(const char *directory)) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(freep) char *inside = path_join(top, "inside");

        ck_assert_int_eq(mkdir(inside, 0755), 0);
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0)
                _exit(confine(confinement_available(), inside) < 0 ? 98 : f(top));

        int status;
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int create_file(const char *top, const char *name) {
        CLEANUP(freep) char *path = path_join(top, name);
        CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        return fd < 0 ? errno : 0;
}

static int write_outside(const char *top) {
        return create_file(top, "outside");
}

static int write_inside(const char *top) {
        return create_file(top, "inside/file");
}

static int open_socket(const char *top) {
        (void) top;
        return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0 ? errno : 0;
}

static int start_process(const char *top) {
        (void) top;
        return fork() < 0 ? errno : 0;
}

START_TEST(the_confinement_of_these_tests_stops_what_it_should) {
        ck_assert_int_eq(run_confined(write_inside), 0);
        if (confinement_available() == CONFINED)
                ck_assert_int_eq(run_confined(write_outside), EACCES);
        ck_assert_int_eq(run_confined(open_socket), 128 + SIGSYS);
        ck_assert_int_eq(run_confined(start_process), 128 + SIGSYS);
}
END_TEST

int main(void) {
        CLEANUP(golden_cases_done) GoldenCases g = golden_cases_list();
        Suite *suite = suite_create("golden");
        TCase *tc = tcase_create("golden");

        tcase_set_timeout(tc, 60);
        tcase_add_test(tc, the_confinement_of_these_tests_stops_what_it_should);
        /* without cases it fails in the test */
        tcase_add_loop_test(tc, a_root_becomes_the_expected_units, 0, g.n > 0 ? g.n : 1);
        suite_add_tcase(suite, tc);
        return check_run(suite);
}

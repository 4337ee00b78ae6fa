/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check_main.h"
#include "golden_case.h"
#include "io.h"
#include "macro.h"
#include "strbuf.h"
#include "systemd_analyze.h"

/* What systemd itself thinks of the expected units of golden/: systemd-analyze verify has nothing
 * to say, and systemd-analyze security says how exposed they are. */

enum { OUTPUT_MAX = 1024 * 1024 };

/* --- laying the units out ------------------------------------------------------------------------
 */

static void write_file(const char *path, const char *text) {
        CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
        ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
}

/* verify wants the programs of units to be there. */
static void make_program(const char *top, const char *name) {
        CLEANUP(freep) char *path = path_join(top, name);

        for (char *p = path + strlen(top) + 1; (p = strchr(p, '/')); *p++ = '/') {
                *p = '\0';
                (void) mkdir(path, 0755);
        }
        ck_assert_int_eq(symlink("/bin/true", path), 0);
}

/* Writes the units of a case below top/units. */
static void lay_out(const GoldenCases *g, int i, const char *top, FileTree *ret) {
        CLEANUP(freep) char *workers = path_join(top, "workers"), *opt = path_join(top, "opt");
        CLEANUP(freep) char *units = path_join(top, "units");

        make_program(top, "workers/worker-exec");
        make_program(top, "workers/plugins/exec");
        make_program(top, "workers/plugins/spool");
        make_program(top, "opt/tool/bin/run");
        ck_assert_int_eq(mkdir(units, 0755), 0);
        ck_assert_int_eq(golden_read_units(g, i, ret), 0);
        for (size_t k = 0; k < ret->n; k++) {
                CLEANUP(freep) char *path = path_join(units, ret->files[k].path);
                char *slash = strrchr(ret->files[k].path, '/');
                replace_all(&ret->files[k].content, "@workersdir@", workers);
                replace_all(&ret->files[k].content, "/opt", opt);
                if (slash) {
                        CLEANUP(freep) char *folder = strndup(path, strlen(path) - strlen(slash));
                        (void) mkdir(folder, 0755);
                }
                write_file(path, ret->files[k].content);
        }
}

/* --- asking systemd-analyze ----------------------------------------------------------------------
 */

static void start_child(const char *const *arguments, const char *units, const char *output) {
        CLEANUP(freep) char *path = NULL;
        int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0
                        || asprintf(&path, "%s:%s/units:%s/units:", units, getenv("SRCDIR"),
                                           getenv("BUILDDIR"))
                                           < 0)
                _exit(99);
        (void) setenv("SYSTEMD_UNIT_PATH", path, 1);
        (void) setenv("SYSTEMD_LOG_TARGET", "console", 1);
        (void) unsetenv("SYSTEMD_LOG_LEVEL");
        execv("/usr/bin/systemd-analyze", (char *const *) arguments);
        _exit(98);
}

/* Runs it; the output belongs to the caller. */
static char *run_analyze(const char *const *arguments, const char *top, int *ret_status) {
        CLEANUP(freep) char *units = path_join(top, "units"), *output = path_join(top, "output");
        char *text = NULL;
        int status;

        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0)
                start_child(arguments, units, output);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status));
        *ret_status = WEXITSTATUS(status);
        ck_assert_int_eq(read_file_at(AT_FDCWD, output, OUTPUT_MAX, &text, NULL), 0);
        return text;
}

/* "worker-x@.service" as its first instance; NULL for what is no unit of its own. */
static char *unit_to_verify(const char *path) {
        char *name = NULL;

        if (strchr(path, '/'))
                return NULL;
        const char *at = strchr(path, '@');
        if (!at)
                return strdup(path);
        ck_assert_int_ge(asprintf(&name, "%.*s@1.service", (int) (at - path), path), 0);
        return name;
}

START_TEST(systemd_has_nothing_to_say_about_a_unit) {
        CLEANUP(golden_cases_done) GoldenCases g = golden_cases_list();
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(file_tree_done) FileTree units = { 0 };
        const char *arguments[64] = { "systemd-analyze", "verify", "--man=no" };
        size_t n = 3;
        int status;

        if (!have_systemd_analyze())
                return;
        lay_out(&g, _i, top, &units);
        for (size_t i = 0; i < units.n; i++)
                if ((arguments[n] = unit_to_verify(units.files[i].path))) {
                        n++;
                        ck_assert_uint_lt(n, ARRAY_SIZE(arguments));
                }

        if (n > 3) {
                CLEANUP(freep) char *output = run_analyze(arguments, top, &status);
                ck_assert_msg(output[0] == '\0' && status == 0, "%s (%d):\n%s",
                                g.entries[_i]->d_name, status, output);
        }
        while (n > 3)
                free((char *) arguments[--n]);
}
END_TEST

/* --- exposure ------------------------------------------------------------------------------------
 */

static double exposure(const char *case_name, const char *unit) {
        CLEANUP(golden_cases_done) GoldenCases g = golden_cases_list();
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(file_tree_done) FileTree units = { 0 };
        CLEANUP(freep) char *path = NULL;
        static const char before[] = "Overall exposure level for ";
        int status;

        for (int i = 0; i < g.n; i++)
                if (STREQ(g.entries[i]->d_name, case_name))
                        lay_out(&g, i, top, &units);
        ck_assert_int_ge(asprintf(&path, "%s/units/%s", top, unit), 0);

        const char *arguments[] = { "systemd-analyze", "security", "--offline=yes", "--no-pager",
                path, NULL };
        CLEANUP(freep) char *output = run_analyze(arguments, top, &status);
        const char *at = strstr(output, before);
        ck_assert_msg(at, "%s", output);
        at = strstr(at, ": ");
        ck_assert_ptr_nonnull(at);
        return strtod(at + 2, NULL);
}

START_TEST(a_worker_is_exposed_no_more_than_the_best_set_allows) {
        if (!have_systemd_analyze())
                return;
        ck_assert_double_le(exposure("minimal-exec", "worker-minimal@.service"), 1.0);
        ck_assert_double_le(exposure("network-none", "worker-isolated@.service"), 0.1);
}
END_TEST

START_TEST(a_backlog_plugin_without_network_is_exposed_as_little_as_a_worker) {
        if (!have_systemd_analyze())
                return;
        ck_assert_double_le(exposure("scaling-with-spool", "worker-spool-backlog.service"), 0.1);
}
END_TEST

int main(void) {
        CLEANUP(golden_cases_done) GoldenCases g = golden_cases_list();
        Suite *suite = suite_create("units");
        TCase *tc = tcase_create("units");

        tcase_set_timeout(tc, 60);
        tcase_add_loop_test(tc, systemd_has_nothing_to_say_about_a_unit, 0, g.n > 0 ? g.n : 1);
        tcase_add_test(tc, a_worker_is_exposed_no_more_than_the_best_set_allows);
        tcase_add_test(tc, a_backlog_plugin_without_network_is_exposed_as_little_as_a_worker);
        suite_add_tcase(suite, tc);
        return check_run(suite);
}

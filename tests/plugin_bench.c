/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin_bench.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "io.h"

enum { PATH_SIZE = 4096, LOG_MAX = 1 << 20 };

void bench_open_socket(Bench *b) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", b->socket);
        b->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        ck_assert_int_ge(b->fd, 0);
        ck_assert_int_eq(bind(b->fd, (struct sockaddr *) &address, sizeof(address)), 0);
}

void bench_close_socket(Bench *b) {
        ck_assert_int_eq(close(b->fd), 0);
        ck_assert_int_eq(unlink(b->socket), 0);
        b->fd = -1;
}

void bench_start(Bench *b) {
        *b = (Bench){ .directory = "/tmp/check-plugin-XXXXXX", .fd = -1 };
        ck_assert_ptr_nonnull(mkdtemp(b->directory));
        (void) snprintf(b->socket, sizeof(b->socket), "%s/report", b->directory);
        (void) snprintf(b->log, sizeof(b->log), "%s/log", b->directory);
        ck_assert_int_eq(setenv("WORKERS_REPORT_SOCKET", b->socket, 1), 0);
        (void) unsetenv("JOURNAL_STREAM");
        bench_open_socket(b);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

void bench_stop(Bench *b) {
        if (b->program > 0) {
                bench_terminate(b);
                ck_assert_int_eq(bench_wait_exit(b), 0);
        }
        closep(&b->fd);
        ck_assert_int_eq(nftw(b->directory, remove_entry, 32, FTW_DEPTH | FTW_PHYS), 0);
}

static void become_program(const Bench *b, char **argv) {
        sigset_t none;

        /* a failed test leaves no program behind */
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
        int fd = open(b->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
                _exit(126);
        (void) execvp(argv[0], argv);
        _exit(127);
}

void bench_run_arguments(Bench *b, const char *program, const char *const *arguments) {
        const char *build = getenv("BUILDDIR");
        char path[PATH_SIZE];
        char *argv[17] = { path };

        if (strchr(program, '/') && program[0] != '/')
                (void) snprintf(path, sizeof(path), "%s/%s", build ? build : ".", program);
        else
                (void) snprintf(path, sizeof(path), "%s", program);
        for (size_t i = 0; arguments[i]; i++) {
                ck_assert_uint_lt(i + 2, ARRAY_SIZE(argv));
                argv[i + 1] = (char *) arguments[i];
        }

        ck_assert_int_eq(b->program, 0);
        b->program = fork();
        ck_assert_int_ge(b->program, 0);
        if (b->program == 0)
                become_program(b, argv);
}

int bench_wait_exit(Bench *b) {
        int status;

        ck_assert_int_gt(b->program, 0);
        ck_assert_int_eq(waitpid(b->program, &status, 0), b->program);
        b->program = 0;
        ck_assert_msg(WIFEXITED(status), "the program was killed by signal %d", WTERMSIG(status));
        return WEXITSTATUS(status);
}

void bench_terminate(Bench *b) {
        ck_assert_int_gt(b->program, 0);
        ck_assert_int_eq(kill(b->program, SIGTERM), 0);
}

/* --- what was reported --- */

static Seen *find_seen(const Bench *b, const char *name) {
        for (size_t i = 0; i < b->n_seen; i++)
                if (STREQ(b->seen[i].name, name))
                        return (Seen *) &b->seen[i];
        return NULL;
}

static void take_line(Bench *b, const char *line) {
        Seen got = { 0 };

        ck_assert_msg(sscanf(line, "%79[^:]:%lf|%c", got.name, &got.value, &got.type) == 3,
                        "not a StatsD line: '%s'", line);
        Seen *seen = find_seen(b, got.name);
        if (!seen) {
                ck_assert_uint_lt(b->n_seen, SEEN_MAX);
                seen = &b->seen[b->n_seen++];
                *seen = (Seen){ .type = got.type };
                memcpy(seen->name, got.name, sizeof(got.name));
        }
        ck_assert_int_eq(seen->type, got.type);
        seen->value = got.type == 'c' ? seen->value + got.value : got.value;
}

void bench_receive(Bench *b) {
        char text[65536];
        ssize_t n;

        if (b->fd < 0)
                return;
        while ((n = recv(b->fd, text, sizeof(text) - 1, 0)) >= 0) {
                char *save = NULL;
                text[n] = '\0';
                b->datagrams++;
                for (char *line = strtok_r(text, "\n", &save); line;
                                line = strtok_r(NULL, "\n", &save))
                        take_line(b, line);
        }
        ck_assert_int_eq(errno, EAGAIN);
}

double bench_value(const Bench *b, const char *name) {
        const Seen *seen = find_seen(b, name);
        return seen ? seen->value : -1;
}

void bench_expect(Bench *b, const char *name, double value) {
        for (unsigned tries = 0; bench_value(b, name) != value; tries++) {
                ck_assert_msg(tries < 4000, "'%s' is %g, not %g", name, bench_value(b, name),
                                value);
                (void) usleep(10000);
                bench_receive(b);
        }
}

size_t bench_count_log(const Bench *b, const char *text) {
        CLEANUP(freep) char *log = NULL;
        size_t n = 0;

        if (read_file_at(AT_FDCWD, b->log, LOG_MAX, &log, NULL) < 0)
                return 0;
        for (const char *s = log; (s = strstr(s, text)); s++)
                n++;
        return n;
}

void bench_expect_log(Bench *b, const char *text) {
        for (unsigned tries = 0; bench_count_log(b, text) == 0; tries++) {
                ck_assert_msg(tries < 4000, "'%s' was not logged", text);
                (void) usleep(10000);
                bench_receive(b);
        }
}

/* --- files --- */

const char *bench_path(const Bench *b, char *buffer, const char *path) {
        ck_assert_int_lt(snprintf(buffer, PATH_SIZE, "%s/%s", b->directory, path), PATH_SIZE);
        return buffer;
}

void bench_create(const Bench *b, const char *path) {
        char full[PATH_SIZE];

        (void) bench_path(b, full, path);
        if (endswith(path, "/")) {
                ck_assert_msg(mkdir(full, 0700) == 0, "%s: %s", full, strerror(errno));
                return;
        }
        int fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        ck_assert_msg(fd >= 0, "%s: %s", full, strerror(errno));
        ck_assert_int_eq(close(fd), 0);
}

void bench_rename(const Bench *b, const char *from, const char *to) {
        char old[PATH_SIZE], new[PATH_SIZE];
        ck_assert_int_eq(rename(bench_path(b, old, from), bench_path(b, new, to)), 0);
}

void bench_remove(const Bench *b, const char *path) {
        char full[PATH_SIZE];
        ck_assert_msg(remove(bench_path(b, full, path)) == 0, "%s: %s", full, strerror(errno));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "exec-run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "strbuf.h"

enum { LIMIT_ACCURACY_USEC = 50 * USEC_PER_MSEC };

/* One of the two that a command prints to. */
typedef struct Stream {
        Run *run;
        int fd; /* our end; -1: closed */
        StrBuf text;
        sd_event_source *source;
} Stream;

struct Run {
        sd_event *event; /* reference */
        usec_t timeout;
        run_done_t done;
        void *userdata;
        pid_t pid; /* also the process group; 0: none runs */
        Stream output, errors;
        bool timed_out, too_much;
        sd_event_source *on_limit, *on_exit;
};

/* While the leader is not reaped, nobody else can get the number of the group. */
static void kill_group(const Run *run) {
        if (run->pid > 0)
                (void) kill(-run->pid, SIGKILL);
}

static void close_stream(Stream *s) {
        s->source = sd_event_source_disable_unref(s->source);
        closep(&s->fd);
        s->fd = -1;
}

static void end_run(Run *run) {
        close_stream(&run->output);
        close_stream(&run->errors);
        run->on_limit = sd_event_source_disable_unref(run->on_limit);
        run->on_exit = sd_event_source_disable_unref(run->on_exit);
        run->pid = 0;
}

/* Ends a run that is under way, without a result. */
static void abort_run(Run *run) {
        pid_t pid = run->pid;

        kill_group(run);
        end_run(run);
        if (pid > 0)
                (void) waitpid(pid, NULL, 0);
}

Run *run_free(Run *run) {
        if (!run)
                return NULL;

        abort_run(run);
        strbuf_done(&run->output.text);
        strbuf_done(&run->errors.text);
        sd_event_unref(run->event);
        free(run);
        return NULL;
}

static void take_in(Stream *s, char *data, size_t n) {
        Run *run = s->run;

        for (char *p = data; (p = memchr(p, '\0', (size_t) (data + n - p)));)
                *p = '?'; /* the end of a string must be its end */

        if (s == &run->errors) {
                size_t room = RUN_ERRORS_MAX - s->text.len;
                strbuf_append_n(&s->text, data, n < room ? n : room);
                return;
        }
        strbuf_append_n(&s->text, data, n);
        if (s->text.len > RUN_OUTPUT_MAX) {
                run->too_much = true;
                kill_group(run);
                close_stream(s);
        }
}

/* Reads what is there. Returns 0, or negative errno when memory is exhausted. */
static int read_stream(Stream *s) {
        char buffer[4096];

        while (s->fd >= 0) {
                ssize_t n = read(s->fd, buffer, sizeof(buffer));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        break;
                if (n <= 0)
                        close_stream(s);
                else
                        take_in(s, buffer, (size_t) n);
        }
        return strbuf_error(&s->text);
}

static int on_stream(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        (void) source;
        (void) fd;
        (void) revents;
        return read_stream(userdata);
}

static int on_limit(sd_event_source *source, uint64_t usec, void *userdata) {
        Run *run = userdata;
        (void) source;
        (void) usec;

        run->timed_out = true;
        kill_group(run); /* on_exit() follows */
        return 0;
}

/* Is called before the leader is reaped, sd_event_add_child(3). */
static int on_exit_of_leader(sd_event_source *source, const siginfo_t *si, void *userdata) {
        Run *run = userdata;
        (void) source;

        kill_group(run); /* what it left in the background */
        int r = read_stream(&run->output);
        if (r >= 0)
                r = read_stream(&run->errors);
        if (r < 0)
                return r;

        const RunResult result = {
                .outcome = run->too_much               ? RUN_PRINTED_TOO_MUCH
                           : run->timed_out            ? RUN_TIMED_OUT
                           : si->si_code == CLD_EXITED ? RUN_EXITED
                                                       : RUN_SIGNALED,
                .detail = si->si_status,
                .output = strbuf_string(&run->output.text),
                .errors = strbuf_string(&run->errors.text),
        };
        end_run(run);
        return run->done(&result, run->userdata);
}

static int set_actions(posix_spawn_file_actions_t *actions, int output, int errors) {
        int e = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (e == 0)
                e = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
        return e ?: posix_spawn_file_actions_adddup2(actions, errors, STDERR_FILENO);
}

/* No signal is blocked, and SIGPIPE, which systemd ignores, ends what writes into a closed pipe. */
static int set_attributes(posix_spawnattr_t *attributes) {
        sigset_t none, defaults;

        (void) sigemptyset(&none);
        (void) sigemptyset(&defaults);
        (void) sigaddset(&defaults, SIGPIPE);
        int e = posix_spawnattr_setflags(attributes,
                        POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        if (e == 0)
                e = posix_spawnattr_setpgroup(attributes, 0);
        if (e == 0)
                e = posix_spawnattr_setsigmask(attributes, &none);
        return e ?: posix_spawnattr_setsigdefault(attributes, &defaults);
}

static int spawn(char *const *argv, char *const *environment, int output, int errors, pid_t *ret) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;

        int e = posix_spawn_file_actions_init(&actions);
        if (e != 0)
                return -e;
        e = posix_spawnattr_init(&attributes);
        if (e == 0) {
                e = set_actions(&actions, output, errors);
                if (e == 0)
                        e = set_attributes(&attributes);
                if (e == 0)
                        e = posix_spawnp(ret, argv[0], &actions, &attributes, argv, environment);
                (void) posix_spawnattr_destroy(&attributes);
        }
        (void) posix_spawn_file_actions_destroy(&actions);
        return -e;
}

static int watch_run(Run *run) {
        int r = sd_event_add_io(run->event, &run->output.source, run->output.fd, EPOLLIN, on_stream,
                        &run->output);
        if (r >= 0)
                r = sd_event_add_io(run->event, &run->errors.source, run->errors.fd, EPOLLIN,
                                on_stream, &run->errors);
        if (r >= 0)
                r = sd_event_add_time_relative(run->event, &run->on_limit, CLOCK_MONOTONIC,
                                run->timeout, LIMIT_ACCURACY_USEC, on_limit, run);
        if (r >= 0)
                r = sd_event_add_child(run->event, &run->on_exit, run->pid, WEXITED,
                                on_exit_of_leader, run);
        return r;
}

/* Keeps our end, which does not block, and returns the command's, which it may expect to. */
static int open_stream(Stream *s, int *ret) {
        int fds[2];

        strbuf_clear(&s->text);
        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        s->fd = fds[0];
        *ret = fds[1];
        return fcntl(s->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int run_start(Run *run, char *const *argv, char *const *environment) {
        CLEANUP(closep) int output = -1, errors = -1;

        if (run->pid > 0)
                return -EBUSY;

        run->timed_out = run->too_much = false;
        int r = open_stream(&run->output, &output);
        if (r >= 0)
                r = open_stream(&run->errors, &errors);
        if (r >= 0)
                r = spawn(argv, environment, output, errors, &run->pid);
        if (r >= 0)
                r = watch_run(run);
        if (r < 0)
                abort_run(run);
        return r;
}

int run_new(sd_event *event, usec_t timeout, run_done_t done, void *userdata, Run **ret) {
        Run *run = malloc(sizeof(Run));
        if (!run)
                return -ENOMEM;

        *run = (Run){
                .event = sd_event_ref(event),
                .timeout = timeout,
                .done = done,
                .userdata = userdata,
                .output = { .run = run, .fd = -1 },
                .errors = { .run = run, .fd = -1 },
        };
        *ret = run;
        return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "check_main.h"
#include "report-socket.h"
#include "strbuf.h"

/* A report socket in a directory of its own, with the test's processes as units: "unit-PID", or
 * none for the process that is told to be a stranger. */
typedef struct Fixture {
        char directory[32];
        char path[64];
        sd_event *event;
        ReportSocket *socket;
        StrBuf received;
        unsigned n_sent;
} Fixture;

/* Check runs each test in a process of its own, so these are each test's own. */
static pid_t stranger;
static unsigned n_resolved;

static int resolve(pid_t pid, char **ret_unit) {
        if (kill(pid, 0) < 0)
                return -errno;
        n_resolved++;
        if (pid == stranger)
                return -ENODATA;
        return asprintf(ret_unit, "unit-%d", pid) < 0 ? -ENOMEM : 0;
}

static void on_report(const char *unit, const char *text, size_t size, void *userdata) {
        Fixture *f = userdata;
        strbuf_printf(&f->received, "%s<%.*s>", unit, (int) size, text);
}

static void setup(Fixture *f) {
        *f = (Fixture){ .directory = "/tmp/check-report-XXXXXX" };
        ck_assert_ptr_nonnull(mkdtemp(f->directory));
        (void) snprintf(f->path, sizeof(f->path), "%s/report", f->directory);
        int fd = report_socket_bind(f->path);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_ge(sd_event_new(&f->event), 0);
        ck_assert_int_ge(report_socket_new(f->event, fd, resolve, on_report, f, &f->socket), 0);
}

static void fixture_done(Fixture *f) {
        report_socket_free(f->socket);
        sd_event_unref(f->event);
        strbuf_done(&f->received);
        (void) unlink(f->path);
        (void) rmdir(f->directory);
}

/* Handles all that was sent by now. */
static const char *receive(Fixture *f) {
        strbuf_clear(&f->received);
        while (report_socket_counts(f->socket).datagrams < f->n_sent)
                ck_assert_int_ge(sd_event_run(f->event, UINT64_MAX), 0);
        ck_assert_uint_eq(report_socket_counts(f->socket).datagrams, f->n_sent);
        return strbuf_string(&f->received);
}

static int connect_to(const Fixture *f) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(connect(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        return fd;
}

static void send_text(Fixture *f, const char *text) {
        CLEANUP(closep) int fd = connect_to(f);
        ck_assert_int_eq(send(fd, text, strlen(text), 0), (ssize_t) strlen(text));
        f->n_sent++;
}

/* Runs a child that sends text and, when told so, waits to be ended. With pid > 0 it gets that pid,
 * or 0 is returned where that is not allowed. */
static pid_t send_from_child(Fixture *f, const char *text, bool stay, pid_t pid) {
        int ready[2];
        ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);

        struct clone_args args = {
                .exit_signal = SIGCHLD, .set_tid = (uint64_t) (uintptr_t) &pid, .set_tid_size = 1
        };
        pid_t child = pid > 0 ? (pid_t) syscall(SYS_clone3, &args, sizeof(args)) : fork();
        if (child < 0 && pid > 0) {
                (void) close(ready[0]);
                (void) close(ready[1]);
                return 0;
        }
        ck_assert_int_ge(child, 0);
        if (child == 0) {
                send_text(f, text);
                (void) close(ready[1]);
                if (stay)
                        (void) pause();
                _exit(0);
        }

        char c;
        (void) close(ready[1]);
        ck_assert_int_eq(read(ready[0], &c, 1), 0);
        (void) close(ready[0]);
        f->n_sent++; /* the child has counted in its own memory */
        return child;
}

static void end_child(pid_t pid) {
        (void) kill(pid, SIGKILL);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(each_datagram_comes_with_the_unit_of_its_sender) {
        CLEANUP(fixture_done) Fixture f;
        char expected[128];
        setup(&f);

        send_text(&f, "items:1|c");
        pid_t child = send_from_child(&f, "items:2|c\nitems:3|c", true, 0);
        (void) snprintf(expected, sizeof(expected),
                        "unit-%d<items:1|c>unit-%d<items:2|c\nitems:3|c>", getpid(), child);
        ck_assert_str_eq(receive(&f), expected);
        end_child(child);
}
END_TEST

START_TEST(a_datagram_that_comes_by_itself_is_read_at_once) {
        CLEANUP(fixture_done) Fixture f;
        setup(&f);

        send_text(&f, "items:1|c");
        while (sd_event_run(f.event, 0) > 0)
                ;
        ck_assert_uint_eq(report_socket_counts(f.socket).datagrams, 1);
}
END_TEST

START_TEST(senders_that_take_turns_are_told_apart) {
        CLEANUP(fixture_done) Fixture f;
        char expected[128];
        setup(&f);

        send_text(&f, "1");
        send_text(&f, "2");
        pid_t child = send_from_child(&f, "3", true, 0);
        send_text(&f, "4");
        send_text(&f, "5");
        (void) snprintf(expected, sizeof(expected),
                        "unit-%d<1>unit-%d<2>unit-%d<3>unit-%d<4>unit-%d<5>", getpid(), getpid(),
                        child, getpid(), getpid());
        ck_assert_str_eq(receive(&f), expected);
        end_child(child);
}
END_TEST

START_TEST(a_sender_is_looked_up_once) {
        CLEANUP(fixture_done) Fixture f;
        setup(&f);

        for (unsigned i = 0; i < 50; i++) {
                send_text(&f, "a");
                ck_assert_ptr_nonnull(strstr(receive(&f), "<a>"));
        }
        ck_assert_uint_eq(n_resolved, 1);
}
END_TEST

START_TEST(who_is_in_no_unit_is_counted_and_not_heard) {
        CLEANUP(fixture_done) Fixture f;
        setup(&f);

        stranger = getpid();
        send_text(&f, "items:1|c");
        ck_assert_str_eq(receive(&f), "");
        ck_assert_uint_eq(report_socket_counts(f.socket).strangers, 1);
}
END_TEST

START_TEST(a_pid_that_is_used_again_is_another_sender) {
        CLEANUP(fixture_done) Fixture f;
        setup(&f);

        pid_t first = send_from_child(&f, "1", true, 0);
        receive(&f);
        ck_assert_uint_eq(n_resolved, 1);
        end_child(first);

        pid_t second = send_from_child(&f, "2", true, first);
        if (second == 0) {
                puts("skipped: choosing a pid is not allowed here");
                return;
        }
        ck_assert_int_eq(second, first);
        receive(&f);
        ck_assert_uint_eq(n_resolved, 2);
        end_child(second);
}
END_TEST

/* Since Linux 6.5; before, all that a datagram brings of its sender is the pid. */
static bool datagrams_bring_processes(void) {
        enum { PASSPIDFD = 76 }; /* not in the headers of Debian 12 */
        CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const int on = 1;

        return setsockopt(fd, SOL_SOCKET, PASSPIDFD, &on, sizeof(on)) == 0;
}

START_TEST(a_pid_that_is_used_again_before_it_is_read_is_another_sender) {
        CLEANUP(fixture_done) Fixture f;
        char expected[64];
        setup(&f);

        if (!datagrams_bring_processes()) {
                puts("skipped: this kernel tells only the pid of who has sent a datagram");
                return;
        }
        pid_t first = send_from_child(&f, "1", true, 0);
        end_child(first);
        pid_t second = send_from_child(&f, "2", true, first);
        if (second == 0) {
                puts("skipped: choosing a pid is not allowed here");
                return;
        }
        (void) snprintf(expected, sizeof(expected), "unit-%d<2>", second);
        ck_assert_str_eq(receive(&f), expected);
        ck_assert_uint_eq(report_socket_counts(f.socket).strangers, 1);
        end_child(second);
}
END_TEST

START_TEST(a_sender_that_has_ended_is_known_by_its_cgroup) {
        CLEANUP(fixture_done) Fixture f;
        char expected[64];
        setup(&f);

        pid_t child = send_from_child(&f, "1", false, 0);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        ck_assert_str_eq(receive(&f), ""); /* as yet nothing is known of the cgroup */
        ck_assert_uint_eq(report_socket_counts(f.socket).strangers, 1);

        send_text(&f, "2");
        receive(&f);
        child = send_from_child(&f, "3", false, 0);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        (void) snprintf(expected, sizeof(expected), "unit-%d<3>", getpid());
        if (*receive(&f) == '\0')
                puts("skipped: this kernel does not tell the cgroup of a process that has ended");
        else
                ck_assert_str_eq(strbuf_string(&f.received), expected);
}
END_TEST

START_TEST(a_datagram_with_descriptors_is_refused_and_they_are_closed) {
        CLEANUP(fixture_done) Fixture f;
        setup(&f);
        CLEANUP(closep) int fd = connect_to(&f);
        int ends[2];
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);

        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(8 * sizeof(int))];
        } control = { 0 };
        char text[] = "items:1|c";
        struct iovec iov = { text, strlen(text) };
        struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };

        for (size_t n = 1; n <= 8; n++) {
                m.msg_controllen = CMSG_SPACE(n * sizeof(int));
                struct cmsghdr *c = CMSG_FIRSTHDR(&m);
                *c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
                        .cmsg_type = SCM_RIGHTS,
                        .cmsg_len = CMSG_LEN(n * sizeof(int)) };
                for (size_t i = 0; i < n; i++)
                        memcpy(CMSG_DATA(c) + i * sizeof(int), &ends[1], sizeof(int));
                ck_assert_int_eq(sendmsg(fd, &m, 0), (ssize_t) strlen(text));
                f.n_sent++;
        }
        (void) close(ends[1]);

        ck_assert_str_eq(receive(&f), "");
        ck_assert_uint_eq(report_socket_counts(f.socket).refused, 8);

        /* the pipe has no writer left: no copy of its end was kept */
        char c;
        ck_assert_int_eq(read(ends[0], &c, 1), 0);
        (void) close(ends[0]);
}
END_TEST

START_TEST(of_a_datagram_that_is_too_long_the_whole_lines_are_taken) {
        CLEANUP(fixture_done) Fixture f;
        setup(&f);

        size_t size = 64 * 1024;
        CLEANUP(freep) char *text = malloc(size + 1);
        ck_assert_ptr_nonnull(text);
        memset(text, 'x', size);
        text[size] = '\0';
        memcpy(text, "items:1|c\n", 10);
        send_text(&f, text);

        char expected[64];
        (void) snprintf(expected, sizeof(expected), "unit-%d<items:1|c>", getpid());
        ck_assert_str_eq(receive(&f), expected);
        ck_assert_uint_eq(report_socket_counts(f.socket).truncated, 1);
}
END_TEST

CHECK_MAIN("report_socket", TEST(each_datagram_comes_with_the_unit_of_its_sender),
                TEST(a_datagram_that_comes_by_itself_is_read_at_once),
                TEST(senders_that_take_turns_are_told_apart), TEST(a_sender_is_looked_up_once),
                TEST(who_is_in_no_unit_is_counted_and_not_heard),
                TEST(a_pid_that_is_used_again_is_another_sender),
                TEST(a_pid_that_is_used_again_before_it_is_read_is_another_sender),
                TEST(a_sender_that_has_ended_is_known_by_its_cgroup),
                TEST(a_datagram_with_descriptors_is_refused_and_they_are_closed),
                TEST(of_a_datagram_that_is_too_long_the_whole_lines_are_taken))

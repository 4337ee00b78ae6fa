/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "attacks.h"
#include "io.h"
#include "number.h"
#include "strbuf.h"

/* Ways to another worker, to another instance of the same one, to systemd and to the scaler. */

/* The number that the test wrote to a file, 0 when it did not. */
static pid_t pid_from(const char *path) {
        CLEANUP(freep) char *text = NULL;
        unsigned pid;

        if (read_file_at(AT_FDCWD, path, 64, &text, NULL) < 0)
                return 0;
        text[strcspn(text, "\n")] = '\0';
        return parse_unsigned(text, &pid) == 0 ? (pid_t) pid : 0;
}

static int open_of_process(const char *whose, const char *what) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };
        pid_t pid = pid_from(whose);
        char byte;

        if (pid == 0)
                return NOT_TRIED;
        strbuf_printf(&path, "/proc/%d/%s", pid, what);
        CLEANUP(closep) int fd = open(strbuf_string(&path), O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        /* what is a file is read; of the others opening tells */
        return read(fd, &byte, 1) >= 0 || errno == EISDIR || errno == EIO ? 0 : -errno;
}

static int open_of_victim(const void *argument) {
        return open_of_process(VICTIM, argument);
}

static int open_of_sibling(const void *argument) {
        return open_of_process(SIBLING, argument);
}

static int read_file(const void *argument) {
        CLEANUP(closep) int fd = open(argument, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : 0;
}

/* --- signals --------------------------------------------------------------------------------- */

static int signal_process(const void *argument) {
        pid_t pid = pid_from(argument);
        return pid == 0 ? NOT_TRIED : result_of(kill(pid, SIGURG));
}

static int signal_by_pidfd(const void *argument) {
        pid_t pid = pid_from(argument);

        if (pid == 0)
                return NOT_TRIED;
        CLEANUP(closep) int fd = (int) syscall(SYS_pidfd_open, pid, 0);
        if (fd < 0)
                return -errno;
        return result_of(syscall(SYS_pidfd_send_signal, fd, SIGURG, NULL, 0));
}

static int queue_signal(const void *argument) {
        pid_t pid = pid_from(argument);
        return pid == 0 ? NOT_TRIED : result_of(sigqueue(pid, SIGURG, (union sigval){ 0 }));
}

static int set_limit_of(const void *argument) {
        pid_t pid = pid_from(argument);
        const uint64_t none[2] = { 0, 0 };

        if (pid == 0)
                return NOT_TRIED;
        /* of core files: takes nothing away that counts */
        return result_of(syscall(SYS_prlimit64, pid, 4 /* RLIMIT_CORE */, none, NULL));
}

static int read_memory_of(const void *argument) {
        pid_t pid = pid_from(argument);

        if (pid == 0)
                return NOT_TRIED;
        return reached(syscall(SYS_process_vm_readv, pid, NULL, 0, NULL, 0, 0));
}

/* --- systemd --------------------------------------------------------------------------------- */

static int connect_to(const void *argument) {
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void) snprintf(a.sun_path, sizeof(a.sun_path), "%s", (const char *) argument);
        return fd < 0 ? -errno : result_of(connect(fd, (struct sockaddr *) &a, sizeof(a)));
}

/* varlink.org: a request and its answer, each a JSON object and a null byte. */
static int call_varlink(const char *path, const char *request) {
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        char answer[4096] = { 0 };
        CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void) snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
        if (fd < 0 || connect(fd, (struct sockaddr *) &a, sizeof(a)) < 0
                        || send(fd, request, strlen(request) + 1, MSG_NOSIGNAL) < 0
                        || recv(fd, answer, sizeof(answer) - 1, 0) < 0)
                return -errno;
        return *answer == '\0' || strstr(answer, "\"error\"") ? -EPERM : 0;
}

static int rotate_journal(const void *argument) {
        return call_varlink(argument, "{\"method\":\"io.systemd.Journal.Rotate\"}");
}

/* --- reports --------------------------------------------------------------------------------- */

static int send_report(const char *text, pid_t claimed) {
        struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "/run/workers/report" };
        const struct ucred who = { .pid = claimed, .uid = getuid(), .gid = getgid() };
        struct iovec data = { .iov_base = (void *) (uintptr_t) text, .iov_len = strlen(text) };
        union {
                struct cmsghdr header;
                char data[CMSG_SPACE(sizeof(struct ucred))];
        } control = { .header = { .cmsg_len = CMSG_LEN(sizeof(who)),
                                      .cmsg_level = SOL_SOCKET,
                                      .cmsg_type = SCM_CREDENTIALS } };
        struct msghdr m = {
                .msg_name = &a, .msg_namelen = sizeof(a), .msg_iov = &data, .msg_iovlen = 1
        };
        CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        if (claimed) {
                memcpy(CMSG_DATA(&control.header), &who, sizeof(who));
                m.msg_control = &control;
                m.msg_controllen = sizeof(control);
        }
        return result_of(sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT));
}

/* Sending as another process. */
static int forge_sender(const void *argument) {
        pid_t pid = pid_from(VICTIM);
        return pid == 0 ? NOT_TRIED : send_report(argument, pid);
}

/* Sending as oneself, claiming to be another. The socket takes it; the test watches what comes of
 * it. */
static int forge_text(const void *argument) {
        return send_report(argument, 0);
}

#define NEIGHBOR(name, run, argument, layer)                                                       \
        { name, run, argument, STOPPED, STOPPED, layer }
#define SAME_USER "nothing: one user; 'sandbox: {user: instance}' gives each its own"

const Attack neighbor_attacks[] = {
        NEIGHBOR("read another worker's environment", open_of_victim, "environ",
                        "ProtectProc, another user"),
        NEIGHBOR("see another worker's process", open_of_victim, "stat", "ProtectProc"),
        NEIGHBOR("enter another worker's root", open_of_victim, "root/", "ProtectProc"),
        NEIGHBOR("read another worker's memory", open_of_victim, "mem", "ProtectProc"),
        NEIGHBOR("process_vm_readv another worker", read_memory_of, VICTIM,
                        "seccomp: process_vm_readv"),
        NEIGHBOR("read another worker's credential", read_file,
                        "/run/credentials/worker-victim@1.service/secret", "private root"),
        NEIGHBOR("read another worker's key in the units", read_file,
                        "/run/systemd/generator/worker-victim.d/secret", "private root"),
        NEIGHBOR("read another worker's state", read_file,
                        "/var/lib/private/workers/volumes/public/victim-state/secret",
                        "private root, another user"),
        NEIGHBOR("read another worker's file in /tmp", read_file, "/tmp/victim-secret",
                        "PrivateTmp"),
        NEIGHBOR("signal another worker", signal_process, VICTIM, "another user"),
        NEIGHBOR("signal another worker by pidfd", signal_by_pidfd, VICTIM, "another user"),
        NEIGHBOR("queue a signal to another worker", queue_signal, VICTIM, "another user"),
        NEIGHBOR("set a limit of another worker", set_limit_of, VICTIM, "another user"),
        NEIGHBOR("read a sibling's environment", open_of_sibling, "environ", "PrivateUsers"),
        NEIGHBOR("enter a sibling's root", open_of_sibling, "root/", "PrivateUsers"),
        NEIGHBOR("read a sibling's memory", open_of_sibling, "mem", "PrivateUsers"),
        { "signal a sibling", signal_process, SIBLING, STOPPED, STOPPED, LANDLOCK,
                        .landlock = LANDLOCK_SCOPES },
        { "signal a sibling by pidfd", signal_by_pidfd, SIBLING, STOPPED, STOPPED, LANDLOCK,
                        .landlock = LANDLOCK_SCOPES },
        { "queue a signal to a sibling", queue_signal, SIBLING, STOPPED, STOPPED, LANDLOCK,
                        .landlock = LANDLOCK_SCOPES },
        { "set a limit of a sibling", set_limit_of, SIBLING, POSSIBLE, POSSIBLE, SAME_USER },
        NEIGHBOR("start units over D-Bus", connect_to, "/run/dbus/system_bus_socket",
                        "private root"),
        NEIGHBOR("start units over systemd's own socket", connect_to, "/run/systemd/private",
                        "private root"),
        NEIGHBOR("rotate the journal", rotate_journal, "/run/systemd/journal/io.systemd.journal",
                        "another user"),
        NEIGHBOR("send a report as another worker's process", forge_sender, "items:1|c",
                        "no capabilities"),
        { "send a report that claims to be another worker's", forge_text,
                        "backlog:100000|g|#worker:victim,unit:worker-victim@1.service", POSSIBLE,
                        POSSIBLE, "worker-scaler goes by the sender: it counts for nobody else" },
};
const size_t neighbor_attacks_size = ARRAY_SIZE(neighbor_attacks);

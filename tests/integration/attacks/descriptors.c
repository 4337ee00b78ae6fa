/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "attacks.h"
#include "ring.h"

/* Ways around the filter on bind, listen and accept: sockets that others made ready, io_uring, the
 * system calls of other ABIs. */

/* Since Linux 6.11; not in the headers of Debian 12. */
enum { OP_BIND = 56, OP_LISTEN = 57 };

/* --- sockets that others made ready ---------------------------------------------------------- */

static int take_connection(int fd) {
        (void) fcntl(fd, F_SETFL, O_NONBLOCK);
        CLEANUP(closep) int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        /* that none is waiting tells that one would have been taken */
        return connection >= 0 || errno == EAGAIN ? 0 : -errno;
}

static int take_connection_plainly(int fd) {
        (void) fcntl(fd, F_SETFL, O_NONBLOCK);
        CLEANUP(closep) int connection = accept(fd, NULL, NULL);
        return connection >= 0 || errno == EAGAIN ? 0 : -errno;
}

static int take_datagram(int fd) {
        char byte;
        return recv(fd, &byte, 1, MSG_DONTWAIT) >= 0 || errno == EAGAIN ? 0 : -errno;
}

/* sd_listen_fds(3): the test's drop-in gives a TCP, a Unix and a UDP socket. */
static bool is_inherited(int fd) {
        int type;
        socklen_t size = sizeof(type);
        return getenv("LISTEN_FDS") && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

static int accept_on_inherited(const void *argument) {
        int fd = *(const int *) argument;
        return is_inherited(fd) ? take_connection(fd) : NOT_TRIED;
}

static int receive_on_inherited(const void *argument) {
        int fd = *(const int *) argument;
        return is_inherited(fd) ? take_datagram(fd) : NOT_TRIED;
}

static int accept_on_passed(const void *argument) {
        CLEANUP(closep) int fd = accomplice_ask(argument);
        return fd <= 0 ? NOT_TRIED : take_connection(fd);
}

static int accept_plainly_on_passed(const void *argument) {
        CLEANUP(closep) int fd = accomplice_ask(argument);
        return fd <= 0 ? NOT_TRIED : take_connection_plainly(fd);
}

static int receive_on_passed(const void *argument) {
        CLEANUP(closep) int fd = accomplice_ask(argument);
        return fd <= 0 ? NOT_TRIED : take_datagram(fd);
}

/* --- io_uring -------------------------------------------------------------------------------- */

static int ring_bind(const void *argument) {
        const struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7778) };
        CLEANUP(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void) argument;
        if (fd < 0)
                return -errno;
        return ring_do(&(RingOperation){ .opcode = OP_BIND,
                        .fd = fd,
                        .address = (uintptr_t) &a,
                        .offset = sizeof(a) });
}

static int ring_listen(const void *argument) {
        CLEANUP(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void) argument;
        if (fd < 0)
                return -errno;
        return ring_do(&(RingOperation){ .opcode = OP_LISTEN, .fd = fd, .length = 1 });
}

static int ring_accept(const void *argument) {
        CLEANUP(closep) int fd = accomplice_ask(argument);

        if (fd <= 0)
                return NOT_TRIED;
        int r = ring_do(&(RingOperation){ .opcode = IORING_OP_ACCEPT, .fd = fd });
        return r < 0 ? r : 0;
}

/* --- other ABIs ------------------------------------------------------------------------------ */

#ifdef __x86_64__
/* The numbers are those of i386: socket is 359. */
static int socket_by_interrupt(const void *argument) {
        long r;

        (void) argument;
        __asm__ volatile("int $0x80"
                         : "=a"(r)
                         : "a"(359L), "b"((long) AF_INET), "c"((long) SOCK_STREAM), "d"(0L)
                         : "memory", "r8", "r9", "r10", "r11");
        return r < 0 ? (int) r : 0;
}

static int socket_by_x32(const void *argument) {
        (void) argument;
        long r = syscall(0x40000000L | SYS_socket, AF_INET, SOCK_STREAM, 0);
        return result_of(r);
}
#endif

static const int inherited_tcp = 3, inherited_unix = 4, inherited_udp = 5;

const Attack descriptor_attacks[] = {
        { "accept on an inherited TCP socket", accept_on_inherited, &inherited_tcp, STOPPED,
                        STOPPED, "seccomp: accept4" },
        { "accept on an inherited Unix socket", accept_on_inherited, &inherited_unix, STOPPED,
                        STOPPED, "seccomp: accept4" },
        { "receive on an inherited UDP socket", receive_on_inherited, &inherited_udp, POSSIBLE,
                        POSSIBLE, "nothing, and nobody hands a worker one" },
        { "accept on a TCP socket that was passed", accept_on_passed, "tcp", STOPPED, STOPPED,
                        "seccomp: accept4" },
        { "accept, the older call, on one that was passed", accept_plainly_on_passed, "tcp",
                        STOPPED, STOPPED, "seccomp: accept" },
        { "accept on a Unix socket that was passed", accept_on_passed, "unix", STOPPED, STOPPED,
                        "seccomp: accept4" },
        { "receive on a UDP socket that was passed", receive_on_passed, "udp", POSSIBLE, POSSIBLE,
                        "nothing, and nobody hands a worker one" },
        { "bind through io_uring", ring_bind, NULL, STOPPED, STOPPED, "seccomp: io_uring_*" },
        { "listen through io_uring", ring_listen, NULL, STOPPED, STOPPED, "seccomp: io_uring_*" },
        { "accept through io_uring", ring_accept, "tcp", STOPPED, STOPPED, "seccomp: io_uring_*" },
#ifdef __x86_64__ /* elsewhere a program has one ABI, and another one is another file */
        { "open a socket by int 0x80", socket_by_interrupt, NULL, STOPPED, STOPPED,
                        "SystemCallArchitectures" },
        { "open a socket by the x32 ABI", socket_by_x32, NULL, STOPPED, STOPPED,
                        "SystemCallArchitectures" },
#endif
};
const size_t descriptor_attacks_size = ARRAY_SIZE(descriptor_attacks);

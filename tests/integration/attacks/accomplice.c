/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "attacks.h"
#include "number.h"

/* The accomplice outside, and how an attack talks to it: SOCK_SEQPACKET, a request each connection,
 * the answer one byte, which carries a descriptor where one was asked for. */

static socklen_t name_socket(const char *name, bool abstract, struct sockaddr_un *ret) {
        *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
        (void) snprintf(ret->sun_path + abstract, sizeof(ret->sun_path) - abstract, "%s", name);
        return (socklen_t) (offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1);
}

/* --- outside --------------------------------------------------------------------------------- */

static int listen_unix(const char *name, bool abstract) {
        struct sockaddr_un a;
        CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        socklen_t size = name_socket(name, abstract, &a);

        if (fd < 0 || bind(fd, (struct sockaddr *) &a, size) < 0 || listen(fd, 16) < 0)
                return -errno;
        return TAKE_FD(fd);
}

/* A listening socket, or a datagram one, for which there is already something to take. */
static int make_loaded(int family, int type) {
        struct sockaddr_storage a = { .ss_family = (sa_family_t) family };
        socklen_t size = family == AF_UNIX ? sizeof(sa_family_t) : sizeof(struct sockaddr_in);
        CLEANUP(closep) int fd = socket(family, type | SOCK_CLOEXEC, 0);
        int client = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); /* stays open */

        if (fd < 0 || client < 0)
                return -errno;
        if (family == AF_INET)
                ((struct sockaddr_in *) &a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(fd, (struct sockaddr *) &a, size) < 0)
                return -errno;
        if (type == SOCK_STREAM && listen(fd, 1) < 0)
                return -errno;
        size = sizeof(a);
        if (getsockname(fd, (struct sockaddr *) &a, &size) < 0)
                return -errno;
        if (connect(client, (struct sockaddr *) &a, size) < 0 && errno != EINPROGRESS)
                return -errno;
        if (type == SOCK_DGRAM && send(client, "", 1, 0) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static int send_datagram(const void *address, socklen_t size, int family) {
        CLEANUP(closep) int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || sendto(fd, "x", 1, 0, address, size) < 0)
                return -errno;
        return -1; /* nothing to hand over */
}

static int fulfil(const char *request) {
        unsigned port = 0;

        if (STREQ(request, "tcp"))
                return make_loaded(AF_INET, SOCK_STREAM);
        if (STREQ(request, "unix"))
                return make_loaded(AF_UNIX, SOCK_STREAM);
        if (STREQ(request, "udp"))
                return make_loaded(AF_INET, SOCK_DGRAM);
        if (startswith(request, "udp ") && parse_unsigned(request + 4, &port) == 0) {
                const struct sockaddr_in a = { .sin_family = AF_INET,
                        .sin_port = htons((unsigned short) port),
                        .sin_addr = { htonl(INADDR_LOOPBACK) } };
                return send_datagram(&a, sizeof(a), AF_INET);
        }
        if (startswith(request, "abstract ")) {
                struct sockaddr_un a;
                socklen_t size = name_socket(request + strlen("abstract "), true, &a);
                return send_datagram(&a, size, AF_UNIX);
        }
        return -1;
}

typedef union Control {
        struct cmsghdr header;
        char data[CMSG_SPACE(sizeof(int))];
} Control;

static void answer(int connection) {
        char request[96] = { 0 };
        Control control = { 0 };
        struct iovec data = { .iov_base = request, .iov_len = 1 };
        struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1 };

        if (recv(connection, request, sizeof(request) - 1, 0) <= 0)
                return;
        CLEANUP(closep) int fd = fulfil(request);
        if (fd >= 0) {
                m.msg_control = &control;
                m.msg_controllen = sizeof(control);
                control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
                        .cmsg_level = SOL_SOCKET,
                        .cmsg_type = SCM_RIGHTS };
                memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
        }
        (void) sendmsg(connection, &m, MSG_NOSIGNAL);
}

int accomplice_run(void) {
        (void) unlink(OUTSIDE ACCOMPLICE);
        (void) unlink(ACCOMPLICE);
        umask(0);
        int abstract = listen_unix(ABSTRACT, true); /* never accepts, has a backlog */
        int fd = listen_unix(OUTSIDE ACCOMPLICE, false);

        /* for an attack without a sandbox */
        if (fd < 0 || abstract < 0 || symlink(OUTSIDE ACCOMPLICE, ACCOMPLICE) < 0) {
                perror("accomplice");
                return EXIT_FAILURE;
        }
        for (;;) {
                CLEANUP(closep) int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
                if (connection >= 0)
                        answer(connection);
        }
}

/* --- inside ---------------------------------------------------------------------------------- */

int accomplice_ask(const char *what) {
        struct sockaddr_un a;
        socklen_t size = name_socket(ACCOMPLICE, false, &a);
        char byte;
        Control control = { 0 };
        struct iovec data = { .iov_base = &byte, .iov_len = 1 };
        struct msghdr m = { .msg_iov = &data,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        CLEANUP(closep) int connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        int fd;

        if (connection < 0 || connect(connection, (struct sockaddr *) &a, size) < 0
                        || send(connection, what, strlen(what), MSG_NOSIGNAL) < 0
                        || recvmsg(connection, &m, MSG_CMSG_CLOEXEC) < 0)
                return -errno;
        if (m.msg_controllen < CMSG_LEN(sizeof(int)) || control.header.cmsg_type != SCM_RIGHTS)
                return 0;
        memcpy(&fd, CMSG_DATA(&control.header), sizeof(int));
        return fd;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* older kernel headers use its types without including it */
#include <sys/socket.h>

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "attacks.h"

/* Ways to be reached by somebody who was not asked. */

enum { FIXED_PORT = 7777, WAIT_MSEC = 1000 };

typedef struct Endpoint {
        int family, type, protocol;
        bool bind;
        unsigned short port; /* 0: the kernel picks one */
        const char *path;    /* of a Unix socket; '@' for an abstract name */
} Endpoint;

typedef union Address {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
        struct sockaddr_vm vm;
        struct sockaddr_nl nl;
} Address;

static socklen_t unix_address(const char *path, Address *ret) {
        size_t n = strlen(path);

        ret->un.sun_family = AF_UNIX;
        memcpy(ret->un.sun_path, path, n + 1);
        if (path[0] == '@')
                ret->un.sun_path[0] = '\0';
        return (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n + (path[0] != '@'));
}

static socklen_t address_of(const Endpoint *e, Address *ret) {
        *ret = (Address){ 0 };
        switch (e->family) {
        case AF_UNIX:
                return unix_address(e->path, ret);
        case AF_VSOCK:
                ret->vm = (struct sockaddr_vm){
                        .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = e->port
                };
                return sizeof(ret->vm);
        case AF_NETLINK:
                ret->nl = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
                return sizeof(ret->nl);
        case AF_INET6:
                ret->in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
                        .sin6_port = htons(e->port) };
                return sizeof(ret->in6);
        default:
                ret->in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(e->port) };
                return sizeof(ret->in);
        }
}

/* Returns a bound socket or negative errno. */
static int open_endpoint(const Endpoint *e) {
        Address a;
        CLEANUP(closep)
        int fd = socket(e->family, e->type | SOCK_CLOEXEC | SOCK_NONBLOCK, e->protocol);

        if (fd < 0)
                return -errno;
        if (e->bind) {
                socklen_t size = address_of(e, &a);
                if (bind(fd, &a.any, size) < 0)
                        return -errno;
        }
        return TAKE_FD(fd);
}

static int open_socket(const void *argument) {
        CLEANUP(closep) int fd = open_endpoint(argument);
        return fd < 0 ? fd : 0;
}

static int listen_on(const void *argument) {
        const Endpoint *e = argument;
        CLEANUP(closep) int fd = open_endpoint(e);

        if (fd < 0)
                return fd;
        int r = result_of(listen(fd, 1));
        if (e->family == AF_UNIX && e->path[0] != '@')
                (void) unlink(e->path);
        return r;
}

/* A datagram from somebody else arrives. */
static int receive_from_outside(int fd, const char *ask) {
        char byte;
        struct pollfd p = { .fd = fd, .events = POLLIN };

        int r = accomplice_ask(ask);
        if (r < 0)
                return r;
        r = poll(&p, 1, WAIT_MSEC);
        if (r < 0)
                return -errno;
        if (r == 0)
                return -ETIMEDOUT;
        return result_of(recv(fd, &byte, 1, MSG_DONTWAIT));
}

/* bind(2), then whatever comes. */
static int receive_udp(const void *argument) {
        char ask[32];
        Address a;
        socklen_t size = sizeof(a);
        CLEANUP(closep) int fd = open_endpoint(argument);

        if (fd < 0)
                return fd;
        if (getsockname(fd, &a.any, &size) < 0)
                return -errno;
        (void) snprintf(ask, sizeof(ask), "udp %u", ntohs(a.in.sin_port));
        return receive_from_outside(fd, ask);
}

/* Without bind(2): sending takes a port, and that is open for all. */
static int receive_udp_after_sending(const void *argument) {
        const struct sockaddr_in to = {
                .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(INADDR_LOOPBACK) }
        };
        Address a;
        char ask[32];
        socklen_t size = sizeof(a);
        CLEANUP(closep) int fd = open_endpoint(argument);

        if (fd < 0)
                return fd;
        /* a network namespace whose loopback is down sends nowhere */
        if (sendto(fd, "", 1, 0, (const struct sockaddr *) &to, sizeof(to)) < 0)
                return -errno;
        if (getsockname(fd, &a.any, &size) < 0)
                return -errno;
        (void) snprintf(ask, sizeof(ask), "udp %u", ntohs(a.in.sin_port));
        return receive_from_outside(fd, ask);
}

/* unix(7), "Autobind feature": connecting with SO_PASSCRED takes an abstract name. */
static int receive_unix_autobound(const void *argument) {
        Address a = { 0 };
        char ask[sizeof(a.un.sun_path) + 16];
        socklen_t size = sizeof(a);
        CLEANUP(closep) int fd = open_endpoint(argument);

        if (fd < 0)
                return fd;
        if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int)) < 0)
                return -errno;
        Address to = { 0 };
        socklen_t to_size = unix_address("/run/workers/report", &to);
        if (connect(fd, &to.any, to_size) < 0)
                return -errno;
        /* back to unconnected, with the name kept: anybody may send */
        to.any.sa_family = AF_UNSPEC;
        if (connect(fd, &to.any, sizeof(to.any.sa_family)) < 0)
                return -errno;
        if (getsockname(fd, &a.any, &size) < 0)
                return -errno;
        if (size <= offsetof(struct sockaddr_un, sun_path))
                return -EADDRNOTAVAIL;
        (void) snprintf(ask, sizeof(ask), "abstract %.*s",
                        (int) (size - offsetof(struct sockaddr_un, sun_path) - 1),
                        a.un.sun_path + 1);
        return receive_from_outside(fd, ask);
}

static int connect_abstract(const void *argument) {
        Address a = { 0 };
        socklen_t size = unix_address(argument, &a);
        CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

        return fd < 0 ? -errno : result_of(connect(fd, &a.any, size));
}

/* The kernel takes int, and ignores what else is in the register: a filter must do so, too. */
static int open_wide_socket(const void *argument) {
        const unsigned long more = 1UL << 32;
        bool wide_family = *(const bool *) argument;
        CLEANUP(closep)
        int fd = (int) syscall(SYS_socket, AF_INET | (wide_family ? more : 0),
                        SOCK_DGRAM | (wide_family ? 0 : more), 0);
        return result_of(fd);
}

static const bool wide_family = true, wide_type = false;

#define ENDPOINT(...) (&(const Endpoint){ __VA_ARGS__ })

const Attack ingress_attacks[] = {
        { "listen on a TCP port", listen_on,
                        ENDPOINT(AF_INET, SOCK_STREAM, .bind = true, .port = FIXED_PORT), STOPPED,
                        STOPPED, "seccomp: bind, listen" },
        { "listen on a TCP port of the kernel's choice", listen_on, ENDPOINT(AF_INET, SOCK_STREAM),
                        STOPPED, STOPPED, "seccomp: listen" },
        { "listen on a TCP port, IPv6", listen_on,
                        ENDPOINT(AF_INET6, SOCK_STREAM, .bind = true, .port = FIXED_PORT), STOPPED,
                        STOPPED, "seccomp: bind, listen" },
        { "listen with MPTCP", listen_on, ENDPOINT(AF_INET, SOCK_STREAM, IPPROTO_MPTCP), STOPPED,
                        STOPPED, "seccomp: listen" },
        { "listen with SCTP", listen_on, ENDPOINT(AF_INET, SOCK_STREAM, IPPROTO_SCTP), STOPPED,
                        STOPPED, "seccomp: listen" },
        { "listen with DCCP", listen_on, ENDPOINT(AF_INET, SOCK_DCCP, IPPROTO_DCCP), STOPPED,
                        STOPPED, "seccomp: listen" },
        { "listen on vsock", listen_on,
                        ENDPOINT(AF_VSOCK, SOCK_STREAM, .bind = true, .port = FIXED_PORT), STOPPED,
                        STOPPED, "RestrictAddressFamilies" },
        { "receive on a UDP port", receive_udp,
                        ENDPOINT(AF_INET, SOCK_DGRAM, .bind = true, .port = FIXED_PORT), STOPPED,
                        STOPPED, "seccomp: bind" },
        { "receive on a UDP port of the kernel's choice", receive_udp,
                        ENDPOINT(AF_INET, SOCK_DGRAM, .bind = true), STOPPED, STOPPED,
                        "seccomp: bind" },
        { "bind a UDP-Lite port", open_socket,
                        ENDPOINT(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, .bind = true,
                                        .port = FIXED_PORT),
                        STOPPED, STOPPED, "seccomp: bind" },
        { "receive UDP from anybody after having sent", receive_udp_after_sending,
                        ENDPOINT(AF_INET, SOCK_DGRAM), POSSIBLE, STOPPED,
                        "network: tcp or none; IPAddressAllow= narrows from whom",
                        .streams_stop = true },
        { "open a UDP socket", open_socket, ENDPOINT(AF_INET, SOCK_DGRAM), POSSIBLE, STOPPED,
                        "network: tcp or none", .streams_stop = true },
        { "open a UDP socket, IPv6", open_socket, ENDPOINT(AF_INET6, SOCK_DGRAM), POSSIBLE, STOPPED,
                        "network: tcp or none", .streams_stop = true },
        { "open a UDP socket by a family with more bits", open_wide_socket, &wide_family, STOPPED,
                        STOPPED, "RestrictAddressFamilies" },
        { "open a UDP socket by a type with more bits", open_wide_socket, &wide_type, POSSIBLE,
                        STOPPED, "network: tcp or none", .streams_stop = true },
        { "open a raw socket", open_socket, ENDPOINT(AF_INET, SOCK_RAW, IPPROTO_ICMP), STOPPED,
                        STOPPED, "no capabilities" },
        { "open a packet socket", open_socket, ENDPOINT(AF_PACKET, SOCK_RAW, ETH_P_ALL), STOPPED,
                        STOPPED, "RestrictAddressFamilies" },
        { "open a netlink socket", open_socket,
                        ENDPOINT(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, .bind = true), STOPPED,
                        STOPPED, "RestrictAddressFamilies" },
        { "open a kernel crypto socket", open_socket, ENDPOINT(AF_ALG, SOCK_SEQPACKET), STOPPED,
                        STOPPED, "RestrictAddressFamilies" },
        { "listen on a Unix stream socket", listen_on,
                        ENDPOINT(AF_UNIX, SOCK_STREAM, .bind = true, .path = "/tmp/attack.socket"),
                        STOPPED, STOPPED, "seccomp: bind, listen" },
        { "bind a Unix datagram socket", open_socket,
                        ENDPOINT(AF_UNIX, SOCK_DGRAM, .bind = true, .path = "/tmp/attack.datagram"),
                        STOPPED, STOPPED, "seccomp: bind" },
        { "listen on an abstract Unix socket", listen_on,
                        ENDPOINT(AF_UNIX, SOCK_STREAM, .bind = true, .path = "@attack"), STOPPED,
                        STOPPED, "seccomp: bind, listen" },
        { "bind an abstract Unix datagram socket", open_socket,
                        ENDPOINT(AF_UNIX, SOCK_DGRAM, .bind = true, .path = "@attack-datagram"),
                        STOPPED, STOPPED, "seccomp: bind" },
        { "receive on an abstract Unix name that the kernel chose", receive_unix_autobound,
                        ENDPOINT(AF_UNIX, SOCK_DGRAM), POSSIBLE, STOPPED,
                        "not by a filter: the name belongs to the network namespace" },
        { "connect to an abstract Unix socket of the host", connect_abstract, "@" ABSTRACT, STOPPED,
                        STOPPED, LANDLOCK, .landlock = LANDLOCK_SCOPES },
};
const size_t ingress_attacks_size = ARRAY_SIZE(ingress_attacks);

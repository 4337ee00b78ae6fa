/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report-socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

/* asm-generic/socket.h and linux/socket.h of Linux 6.5; the same on every architecture that has
 * systemd but parisc and sparc, where the option fails and credentials are used */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

enum {
        BATCH_MAX = 64,
        BATCHES_PER_WAKEUP = 16, /* then other events have their turn */
        DATAGRAM_MAX = 16 * 1024,
};

typedef struct Slot {
        union {
                struct cmsghdr header; /* for the alignment */
                char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
        } control;
        char text[DATAGRAM_MAX];
} Slot;

struct ReportSocket {
        int fd;
        sd_event_source *source;
        SenderCache *senders;
        ReportHandler handler;
        void *userdata;
        ReportSocketCounts counts;
        struct mmsghdr headers[BATCH_MAX];
        struct iovec iov[BATCH_MAX];
        Slot slots[BATCH_MAX];
};

static void prepare(ReportSocket *s, size_t n) {
        for (size_t i = 0; i < n; i++) {
                s->iov[i] = (struct iovec){ s->slots[i].text, DATAGRAM_MAX };
                s->headers[i].msg_hdr = (struct msghdr){
                        .msg_iov = &s->iov[i],
                        .msg_iovlen = 1,
                        .msg_control = &s->slots[i].control,
                        .msg_controllen = sizeof(s->slots[i].control),
                };
        }
}

typedef struct Ancillary {
        pid_t pid; /* 0: not told */
        int pidfd; /* owned; -1: not told */
        bool foreign;
} Ancillary;

static void ancillary_done(Ancillary *a) {
        closep(&a->pidfd);
}

static void close_rights(struct cmsghdr *c) {
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
                int fd;
                memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
                (void) close(fd);
        }
}

/* A sender can add descriptors of its own to a datagram; they are closed, and the datagram is
 * refused, as they may have taken the room of what the kernel adds. */
static Ancillary read_ancillary(struct msghdr *h) {
        Ancillary a = { .pidfd = -1, .foreign = h->msg_flags & MSG_CTRUNC };

        for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
                if (c->cmsg_level != SOL_SOCKET)
                        continue;
                if (c->cmsg_type == SCM_CREDENTIALS) {
                        struct ucred credentials;
                        memcpy(&credentials, CMSG_DATA(c), sizeof(credentials));
                        a.pid = credentials.pid;
                } else if (c->cmsg_type == SCM_PIDFD) {
                        memcpy(&a.pidfd, CMSG_DATA(c), sizeof(a.pidfd));
                } else if (c->cmsg_type == SCM_RIGHTS) {
                        close_rights(c);
                        a.foreign = true;
                }
        }
        return a;
}

static void take(ReportSocket *s, struct msghdr *h, const char *text, size_t size) {
        CLEANUP(ancillary_done) Ancillary a = read_ancillary(h);

        s->counts.datagrams++;
        if (a.foreign || a.pid <= 0) {
                s->counts.refused++;
                return;
        }
        if (h->msg_flags & MSG_TRUNC) {
                /* the whole lines are good */
                s->counts.truncated++;
                const char *end = memrchr(text, '\n', size);
                size = end ? (size_t) (end - text) : 0;
        }

        const char *unit;
        if (sender_unit(s->senders, a.pid, a.pidfd, &unit) < 0) {
                s->counts.strangers++;
                return;
        }
        s->handler(unit, text, size, s->userdata);
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        ReportSocket *s = userdata;
        (void) source;
        (void) events;

        for (unsigned batch = 0; batch < BATCHES_PER_WAKEUP; batch++) {
                int n = recvmmsg(fd, s->headers, BATCH_MAX, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, NULL);
                if (n < 0)
                        return errno == EAGAIN || errno == EINTR ? 0 : -errno;

                for (int i = 0; i < n; i++)
                        take(s, &s->headers[i].msg_hdr, s->slots[i].text, s->headers[i].msg_len);
                prepare(s, (size_t) n);
                if (n < BATCH_MAX)
                        break;
        }
        return 0;
}

int report_socket_new(sd_event *event, int fd, SenderResolver resolve, ReportHandler handler,
                void *userdata, ReportSocket **ret) {
        CLEANUP(closep) int owned = fd;
        CLEANUP(report_socket_freep) ReportSocket *s = calloc(1, sizeof(ReportSocket));
        if (!s)
                return -ENOMEM;

        s->fd = TAKE_FD(owned);
        s->handler = handler;
        s->userdata = userdata;
        prepare(s, BATCH_MAX);
        s->senders = sender_cache_new(resolve);
        if (!s->senders)
                return -ENOMEM;

        const int on = 1;
        if (setsockopt(s->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
                return -errno;
        (void) setsockopt(s->fd, SOL_SOCKET, SO_PASSPIDFD, &on, sizeof(on));

        int r = sd_event_add_io(event, &s->source, s->fd, EPOLLIN, on_readable, s);
        if (r < 0)
                return r;
        /* a flood must not keep the answers of systemd waiting */
        r = sd_event_source_set_priority(s->source, SD_EVENT_PRIORITY_NORMAL + 10);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

ReportSocket *report_socket_free(ReportSocket *s) {
        if (!s)
                return NULL;
        sd_event_source_disable_unref(s->source);
        closep(&s->fd);
        sender_cache_free(s->senders);
        free(s);
        return NULL;
}

ReportSocketCounts report_socket_counts(const ReportSocket *s) {
        return s->counts;
}

int report_socket_bind(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);

        CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        (void) unlink(path);
        if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

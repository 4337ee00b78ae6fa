/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report-socket.h"

#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "timespan.h"

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

/* Waking up costs more than a datagram does. When they come in quick succession, the socket is left
 * alone for a moment after each reading, so that many wait for the next; one that comes by itself
 * is read at once. The moment is shorter when so many come meanwhile that the queue might get full,
 * which systemd makes 512 datagrams long (net.unix.max_dgram_qlen). */
#define GATHER_MAX   (10 * USEC_PER_MSEC)
#define GATHER_FIRST (GATHER_MAX / 8)
#define GATHER_MIN   (GATHER_MAX / 32)
enum { GATHERED_MANY = 128, GATHERED_FEW = 32 };

typedef struct Slot {
        alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))
                                             + CMSG_SPACE(sizeof(int))];
        char text[DATAGRAM_MAX];
} Slot;

typedef struct Ancillary {
        pid_t pid; /* 0: not told */
        int pidfd; /* owned; -1: not told */
        bool foreign;
} Ancillary;

struct ReportSocket {
        int fd;
        sd_event_source *readable;
        sd_event_source *timer; /* armed while readable is not */
        usec_t pause;           /* how long datagrams are gathered now */
        usec_t read_at;         /* the last reading */
        SenderCache *senders;
        ReportHandler handler;
        void *userdata;
        ReportSocketCounts counts;
        struct mmsghdr headers[BATCH_MAX];
        struct iovec iov[BATCH_MAX];
        Ancillary ancillary[BATCH_MAX];
        Slot slots[BATCH_MAX];
};

static void prepare(ReportSocket *s, size_t n) {
        for (size_t i = 0; i < n; i++) {
                s->iov[i] = (struct iovec){ s->slots[i].text, DATAGRAM_MAX };
                s->headers[i].msg_hdr = (struct msghdr){
                        .msg_iov = &s->iov[i],
                        .msg_iovlen = 1,
                        .msg_control = s->slots[i].control,
                        .msg_controllen = sizeof(s->slots[i].control),
                };
        }
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

/* The pidfds of a batch mostly have numbers in a row, and one call for all is cheaper. */
static void close_pidfds(const Ancillary *a, int n) {
        int first = INT_MAX, last = -1, count = 0;
        for (int i = 0; i < n; i++) {
                if (a[i].pidfd < 0)
                        continue;
                first = a[i].pidfd < first ? a[i].pidfd : first;
                last = a[i].pidfd > last ? a[i].pidfd : last;
                count++;
        }
        if (count > 0 && last - first + 1 == count
                        && close_range((unsigned) first, (unsigned) last, 0) >= 0)
                return;
        for (int i = 0; i < n; i++)
                if (a[i].pidfd >= 0)
                        (void) close(a[i].pidfd);
}

/* How many datagrams, from the first of these, are of one process for sure. The queue keeps their
 * order, and a pid has one owner after the other: when the first and the last one are of the same
 * process, nobody else had the pid in between. */
static int count_same_sender(ReportSocket *s, const Ancillary *a, int n) {
        int same = 1;
        while (same < n && a[same].pid == a[0].pid && a[same].pidfd >= 0)
                same++;
        return same > 1 && sender_is_same(s->senders, a[0].pidfd, a[same - 1].pidfd) ? same : 1;
}

static void take(ReportSocket *s, int i, const char *unit) {
        const struct msghdr *h = &s->headers[i].msg_hdr;
        const char *text = s->slots[i].text;
        size_t size = s->headers[i].msg_len;

        s->counts.datagrams++;
        if (s->ancillary[i].foreign || s->ancillary[i].pid <= 0) {
                s->counts.refused++;
                return;
        }
        if (h->msg_flags & MSG_TRUNC) {
                /* the whole lines are good */
                s->counts.truncated++;
                const char *end = memrchr(text, '\n', size);
                size = end ? (size_t) (end - text) : 0;
        }
        if (unit)
                s->handler(unit, text, size, s->userdata);
        else
                s->counts.strangers++;
}

static void take_batch(ReportSocket *s, int n) {
        const Ancillary *a = s->ancillary;

        for (int i = 0; i < n; i++)
                s->ancillary[i] = read_ancillary(&s->headers[i].msg_hdr);
        for (int i = 0; i < n;) {
                const char *unit;
                if (sender_unit(s->senders, a[i].pid, a[i].pidfd, &unit) < 0)
                        unit = NULL;
                for (int end = i + count_same_sender(s, a + i, n - i); i < end; i++)
                        take(s, i, unit);
        }
        close_pidfds(a, n);
}

/* Reads what has come in; returns how many datagrams, or negative errno. */
static int read_datagrams(ReportSocket *s) {
        int total = 0;

        for (unsigned batch = 0; batch < BATCHES_PER_WAKEUP; batch++) {
                int n = recvmmsg(s->fd, s->headers, BATCH_MAX, MSG_DONTWAIT | MSG_CMSG_CLOEXEC,
                                NULL);
                if (n < 0)
                        return errno == EAGAIN || errno == EINTR ? total : -errno;

                take_batch(s, n);
                prepare(s, (size_t) n);
                total += n;
                if (n < BATCH_MAX)
                        break;
        }
        return total;
}

static int gather(ReportSocket *s, usec_t pause) {
        s->pause = pause;
        int r = sd_event_source_set_time_relative(s->timer, pause);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
        return r < 0 ? r : sd_event_source_set_enabled(s->readable, SD_EVENT_OFF);
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        ReportSocket *s = userdata;
        uint64_t now, before = s->read_at;
        (void) fd;
        (void) events;

        int r = read_datagrams(s);
        if (r < 0)
                return r;
        r = sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &now);
        if (r < 0)
                return r;
        s->read_at = now;
        return now < before + GATHER_MAX ? gather(s, GATHER_FIRST) : 0;
}

static int on_gathered(sd_event_source *source, uint64_t at, void *userdata) {
        ReportSocket *s = userdata;
        usec_t pause = s->pause;
        (void) source;
        (void) at;

        int n = read_datagrams(s);
        if (n < 0)
                return n;
        if (n == 0 && pause == GATHER_MAX)
                return sd_event_source_set_enabled(s->readable, SD_EVENT_ON);
        if (n < GATHERED_FEW)
                pause = pause * 2 < GATHER_MAX ? pause * 2 : GATHER_MAX;
        if (n > GATHERED_MANY)
                pause = pause / 2 > GATHER_MIN ? pause / 2 : GATHER_MIN;
        return gather(s, pause);
}

static int add_sources(ReportSocket *s, sd_event *event) {
        /* a flood must not keep the answers of systemd waiting */
        const int64_t priority = SD_EVENT_PRIORITY_NORMAL + 10;

        int r = sd_event_add_io(event, &s->readable, s->fd, EPOLLIN, on_readable, s);
        if (r >= 0)
                r = sd_event_source_set_priority(s->readable, priority);
        if (r >= 0)
                r = sd_event_add_time(event, &s->timer, CLOCK_MONOTONIC, 0, 1, on_gathered, s);
        if (r >= 0)
                r = sd_event_source_set_priority(s->timer, priority);
        return r < 0 ? r : sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
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

        int r = add_sources(s, event);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

ReportSocket *report_socket_free(ReportSocket *s) {
        if (!s)
                return NULL;
        sd_event_source_disable_unref(s->readable);
        sd_event_source_disable_unref(s->timer);
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

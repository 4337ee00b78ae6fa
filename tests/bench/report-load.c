/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "macro.h"
#include "number.h"

/* Sends StatsD lines at an even rate, to worker-scaler's socket or to a StatsD server's UDP port.
 *
 *     report-load PATH|PORT LINES LINES-A-SECOND LINES-A-DATAGRAM [nonblocking]
 *
 * Prints how many lines were sent, how long that took, how many datagrams were refused because the
 * queue was full (they are not sent again), and the CPU seconds of the sender. */

enum { DATAGRAM_MAX = 8192 };

static const char line[] = "items:1|c\n";

static int64_t now_ns(clockid_t clock) {
        struct timespec t;
        (void) clock_gettime(clock, &t);
        return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int connect_unix(const char *path, bool nonblocking) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_DGRAM | (nonblocking ? SOCK_NONBLOCK : 0), 0);
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        return fd >= 0 && connect(fd, (struct sockaddr *) &address, sizeof(address)) >= 0 ? fd : -1;
}

static int connect_udp(unsigned port, bool nonblocking) {
        struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_port = htons((uint16_t) port),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        int fd = socket(AF_INET, SOCK_DGRAM | (nonblocking ? SOCK_NONBLOCK : 0), 0);
        return fd >= 0 && connect(fd, (struct sockaddr *) &address, sizeof(address)) >= 0 ? fd : -1;
}

static void sleep_until(int64_t at) {
        const struct timespec t = { at / 1000000000, at % 1000000000 };
        (void) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static int run(int fd, uint64_t lines, uint64_t rate, uint64_t per_datagram) {
        char datagram[DATAGRAM_MAX];
        size_t size = 0;
        uint64_t sent = 0, refused = 0;

        while (size / (sizeof(line) - 1) < per_datagram
                        && size + sizeof(line) <= sizeof(datagram)) {
                memcpy(datagram + size, line, sizeof(line) - 1);
                size += sizeof(line) - 1;
        }

        int64_t begin = now_ns(CLOCK_MONOTONIC);
        for (uint64_t due = per_datagram; due <= lines; due += per_datagram) {
                int64_t at = begin + (int64_t) (due * 1000000000 / rate);
                if (at > now_ns(CLOCK_MONOTONIC) + 1000000)
                        sleep_until(at);
                if (send(fd, datagram, size - 1, 0) >= 0)
                        sent += per_datagram;
                else if (errno == EAGAIN || errno == ECONNREFUSED)
                        refused++;
                else
                        return -errno;
        }
        printf("sent %llu lines in %.2f s, %llu datagrams refused, %.2f s of CPU\n",
                        (unsigned long long) sent, (double) (now_ns(CLOCK_MONOTONIC) - begin) / 1e9,
                        (unsigned long long) refused,
                        (double) now_ns(CLOCK_PROCESS_CPUTIME_ID) / 1e9);
        return 0;
}

int main(int argc, char **argv) {
        uint64_t lines, rate, per_datagram;
        unsigned port;

        if (argc < 5 || parse_u64(argv[2], &lines) < 0 || parse_u64(argv[3], &rate) < 0
                        || parse_u64(argv[4], &per_datagram) < 0 || rate == 0 || per_datagram == 0)
                return EXIT_FAILURE;
        bool nonblocking = argc > 5;
        int fd = parse_unsigned(argv[1], &port) >= 0 ? connect_udp(port, nonblocking)
                                                     : connect_unix(argv[1], nonblocking);
        if (fd < 0) {
                perror(argv[1]);
                return EXIT_FAILURE;
        }

        int r = run(fd, lines, rate, per_datagram);
        if (r < 0)
                fprintf(stderr, "%s: %s\n", argv[1], strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "macro.h"

enum { HELD_PORT = 7780 };

int hold_open(void) {
        const struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(HELD_PORT) };
        const struct sockaddr_un u = { .sun_family = AF_UNIX, .sun_path = "/tmp/attack.held" };
        const int tcp = socket(AF_INET, SOCK_STREAM, 0), local = socket(AF_UNIX, SOCK_STREAM, 0),
                  udp = socket(AF_INET, SOCK_DGRAM, 0);

        /* each for itself: where one is refused the next may not be */
        (void) bind(tcp, (const struct sockaddr *) &a, sizeof(a));
        (void) listen(tcp, 1);
        (void) bind(local, (const struct sockaddr *) &u, sizeof(u));
        (void) listen(local, 1);
        (void) bind(udp, (const struct sockaddr *) &a, sizeof(a));
        for (;;)
                (void) pause();
}

static bool answers(const struct sockaddr_in *a) {
        CLEANUP(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return connect(fd, (const struct sockaddr *) a, sizeof(*a)) == 0;
}

int scan(const char *address) {
        struct sockaddr_in a = { .sin_family = AF_INET };

        if (inet_pton(AF_INET, address, &a.sin_addr) != 1)
                return -EINVAL;
        a.sin_port = htons(1);
        if (!answers(&a) && errno != ECONNREFUSED) {
                fprintf(stderr, "attacks: '%s' can't be reached at all: %m\n", address);
                return -errno;
        }
        for (unsigned port = 1; port <= 65535; port++) {
                a.sin_port = htons((unsigned short) port);
                if (answers(&a))
                        printf("%u\n", port);
        }
        printf("END\n");
        return 0;
}

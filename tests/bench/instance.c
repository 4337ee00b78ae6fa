/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "macro.h"

/* An instance that does nothing until it gets SIGUSR1 and reports one item a second from then on.
 *
 *     instance [FILE]
 *
 * Adds a line to FILE with the time of CLOCK_MONOTONIC at which main() was reached, in
 * microseconds. Linked statically, so that this is as good as the time of execve(2). */

static void write_start(const char *path) {
        struct timespec t;
        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (fd < 0)
                return;
        (void) dprintf(fd, "%lld\n", t.tv_sec * 1000000LL + t.tv_nsec / 1000);
        (void) close(fd);
}

static void report_each_second(void) {
        static const struct sockaddr_un address = {
                .sun_family = AF_UNIX,
                .sun_path = "/run/workers/report",
        };
        static const char text[] = "items:1|c";
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        /* not all in the same moment */
        (void) usleep((useconds_t) getpid() % 1000 * 1000);
        for (;;) {
                (void) sendto(fd, text, sizeof(text) - 1, 0, (const struct sockaddr *) &address,
                                sizeof(address));
                (void) sleep(1);
        }
}

int main(int argc, char **argv) {
        if (argc > 1)
                write_start(argv[1]);

        sigset_t set;
        int signal;
        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGUSR1);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        if (sigwait(&set, &signal) != 0)
                return EXIT_FAILURE;
        report_each_second();
        return EXIT_SUCCESS;
}

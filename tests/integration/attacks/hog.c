/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hog.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "macro.h"

enum { PROCESSES_MAX = 1000, MEMORY_MAX_MIB = 512, MIB = 1 << 20 };

static void hog_processes(void) {
        int n = 0;

        for (; n < PROCESSES_MAX; n++) {
                pid_t pid = fork();
                if (pid < 0)
                        break;
                if (pid == 0) {
                        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                        (void) pause();
                        _exit(0);
                }
        }
        printf("processes %d\n", n);
        fflush(stdout);
}

static void hog_memory(void) {
        for (int n = 1; n <= MEMORY_MAX_MIB; n++) {
                char *p = malloc(MIB);
                if (!p)
                        break;
                memset(p, n, MIB);
                printf("memory %d\n", n);
                fflush(stdout);
        }
}

int hog(const char *what) {
        if (STREQ(what, "processes"))
                hog_processes();
        else if (STREQ(what, "memory"))
                hog_memory();
        else
                return -EINVAL;
        for (;;)
                (void) pause();
}

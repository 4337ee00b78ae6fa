/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "macro.h"

/* Makes system calls as fast as it can, and says what one takes.
 *
 *     calls FILE
 *
 * Adds lines to FILE: nanoseconds of one getppid(2), which every program makes, and of one
 * umask(2), which few make. Both do next to nothing, so that what is measured is the way in and
 * out. */

enum { BATCH = 2000 };

static double one(long number) {
        struct timespec begin, end;

        (void) clock_gettime(CLOCK_MONOTONIC, &begin);
        for (int i = 0; i < BATCH; i++)
                (void) syscall(number, 077);
        (void) clock_gettime(CLOCK_MONOTONIC, &end);
        return ((double) (end.tv_sec - begin.tv_sec) * 1e9 + (double) (end.tv_nsec - begin.tv_nsec))
               / BATCH;
}

int main(int argc, char **argv) {
        FILE *f = argc == 2 ? fopen(argv[1], "ae") : NULL;

        if (!f) {
                fprintf(stderr, "Usage: calls FILE\n");
                return 2;
        }
        while (fprintf(f, "%.0f %.0f\n", one(SYS_getppid), one(SYS_umask)) > 0 && fflush(f) == 0)
                ;
        return EXIT_FAILURE;
}

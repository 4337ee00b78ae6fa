/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

#include "macro.h"

/* A clock of the day that is set while a process runs, for this process alone: the machine has only
 * one. Preloaded, it adds to what is told of CLOCK_REALTIME the seconds that $CLOCK_SHIFT, a file
 * of two 64-bit integers, begins with. The other one counts how often the time was asked for. Other
 * clocks are left alone, as a step leaves them alone: clock_gettime(2). */

typedef struct Shift {
        volatile int64_t seconds;
        volatile uint64_t asked;
} Shift;

typedef int (*ClockGettime)(clockid_t, struct timespec *);

static int64_t shift(void) {
        static Shift *shared;

        if (!shared) {
                const char *path = getenv("CLOCK_SHIFT");
                CLEANUP(closep) int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
                void *p = mmap(NULL, sizeof(Shift), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
                if (p == MAP_FAILED)
                        abort(); /* better than a test of nothing */
                shared = p;
        }
        shared->asked++;
        return shared->seconds;
}

int clock_gettime(clockid_t clock, struct timespec *ret) {
        ClockGettime original = (ClockGettime) dlsym(RTLD_NEXT, "clock_gettime");
        int r = original(clock, ret);

        if (r == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
                ret->tv_sec += shift();
        return r;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone) {
        struct timespec t;
        (void) zone;
        if (clock_gettime(CLOCK_REALTIME, &t) < 0)
                return -1;
        *ret = (struct timeval){ t.tv_sec, t.tv_nsec / 1000 };
        return 0;
}

time_t time(time_t *ret) {
        struct timespec t;
        if (clock_gettime(CLOCK_REALTIME, &t) < 0)
                return -1;
        if (ret)
                *ret = t.tv_sec;
        return t.tv_sec;
}

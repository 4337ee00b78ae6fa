/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hog.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "macro.h"

enum { MEMORY_MAX_MIB = 512, MIB = 1 << 20 };

/* Each process makes others as fast as it can, and none gives up when the kernel refuses. */
static void bomb(void) {
        for (;;)
                (void) fork();
}

static void burn(void) {
        for (volatile bool on = true; on;)
                ;
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
        if (STREQ(what, "bomb"))
                bomb();
        else if (STREQ(what, "cpu"))
                burn();
        else if (STREQ(what, "memory"))
                hog_memory();
        else
                return -EINVAL;
        for (;;)
                (void) pause();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Small vocabulary that every file of the project shares: sizes, ownership, attributes.
 * Owns nothing and allocates nothing. */

#define ARRAY_SIZE(a)   (sizeof(a) / sizeof((a)[0]))
#define PRINTF(fmt, va) __attribute__((format(printf, fmt, va)))
#define CLEANUP(f)      __attribute__((cleanup(f)))
#define STREQ(a, b)     streq((a), (b))

#define USEC_PER_MSEC 1000ULL
#define USEC_PER_SEC  1000000ULL
#define NSEC_PER_USEC 1000ULL

/* Hands a pointer over: the variable forgets it, so that its cleanup does nothing. */
#define TAKE_PTR(p)                                                                                \
        ({                                                                                         \
                typeof(p) *_pp = &(p);                                                             \
                typeof(p) _p = *_pp;                                                               \
                *_pp = NULL;                                                                       \
                _p;                                                                                \
        })

/* The same for a file descriptor. */
#define TAKE_FD(fd)                                                                                \
        ({                                                                                         \
                int *_pfd = &(fd);                                                                 \
                int _fd = *_pfd;                                                                   \
                *_pfd = -1;                                                                        \
                _fd;                                                                               \
        })

/* Defines destroy##p(T *) for CLEANUP(): calls destroy(*p) when *p is set. */
#define DEFINE_CLEANUP(type, destroy)                                                              \
        static inline void destroy##p(type *p) {                                                   \
                if (*p)                                                                            \
                        destroy(*p);                                                               \
        }

/* Most strings that are not equal differ in the first character: then no call is made. */
static inline bool streq(const char *a, const char *b) {
        return *a == *b && strcmp(a, b) == 0;
}

static inline void freep(void *p) {
        free(*(void **) p);
}

static inline void closep(int *fd) {
        if (*fd >= 0)
                (void) close(*fd);
}

static inline bool startswith(const char *s, const char *prefix) {
        return strncmp(s, prefix, strlen(prefix)) == 0;
}

static inline bool endswith(const char *s, const char *suffix) {
        size_t n = strlen(s), m = strlen(suffix);
        return n >= m && STREQ(s + n - m, suffix);
}

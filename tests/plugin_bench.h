/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "macro.h"

/* For tests of real plugins: a temporary directory, a socket in it that stands for worker-scaler's,
 * and the program under test. All fail the test themselves. */

enum { SEEN_MAX = 32 };

typedef struct Seen {
        char name[80];
        char type;    /* of StatsD */
        double value; /* latest of a gauge, sum of a counter */
} Seen;

typedef struct Bench {
        char directory[32]; /* temporary */
        char socket[64];    /* path, in $WORKERS_REPORT_SOCKET */
        char log[64];       /* what the program wrote to standard error */
        int fd;             /* -1: the socket is closed and gone */
        Seen seen[SEEN_MAX];
        size_t n_seen;
        size_t datagrams;
        pid_t program; /* 0: none runs */
} Bench;

void bench_start(Bench *b);
/* Ends the program, which has to exit with 0, and removes the directory. */
void bench_stop(Bench *b);

void bench_open_socket(Bench *b);
void bench_close_socket(Bench *b);

/* Runs $BUILDDIR/PROGRAM, or what $PATH holds when PROGRAM has no '/'. */
void bench_run_arguments(Bench *b, const char *program, const char *const *arguments);
#define bench_run(b, program, ...)                                                                 \
        bench_run_arguments((b), (program), (const char *const[]){ __VA_ARGS__ })
/* Waits for the program to end; returns its exit code. */
int bench_wait_exit(Bench *b);
void bench_terminate(Bench *b);

/* Takes in all datagrams that are there. */
void bench_receive(Bench *b);
/* The metric as seen, -1 when it never came. */
double bench_value(const Bench *b, const char *name);
/* Waits until the metric has the value. */
void bench_expect(Bench *b, const char *name, double value);
/* Waits until the text was logged; counts how often it was. */
void bench_expect_log(Bench *b, const char *text);
size_t bench_count_log(const Bench *b, const char *text);

/* PATH below the directory, in a buffer of the caller of 4096 characters. */
const char *bench_path(const Bench *b, char *buffer, const char *path);
/* Creates a file below the directory, or a directory when it ends with '/'. */
void bench_create(const Bench *b, const char *path);
void bench_rename(const Bench *b, const char *from, const char *to);
void bench_remove(const Bench *b, const char *path);

/* Evaluates the condition every 10 ms until it holds, fails the test after 40 s. */
#define WAIT_UNTIL(condition)                                                                      \
        do {                                                                                       \
                unsigned _tries = 0;                                                               \
                while (!(condition)) {                                                             \
                        ck_assert_msg(_tries++ < 4000, "in vain: %s", #condition);                 \
                        (void) usleep(10000);                                                      \
                }                                                                                  \
        } while (0)

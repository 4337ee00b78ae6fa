/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

#include "macro.h"

/* Attacks on the sandbox of a worker, run as one of its instances: a function and a row of a table
 * for each. None of them harms a system on which it works: what it makes it removes, and each runs
 * in a process of its own. */

typedef enum Expected { STOPPED, POSSIBLE } Expected;

typedef struct Attack {
        const char *name;
        /* 0: it worked. Negative errno: that refused it. NOT_TRIED: what it needs was not there. */
        int (*run)(const void *argument);
        const void *argument;
        Expected network;  /* with the default template */
        Expected none;     /* with "network: none" */
        const char *layer; /* what stops it; for a POSSIBLE one, why nothing does */
        bool streams_stop; /* although POSSIBLE, "network: tcp" stops it */
        int landlock; /* what stops it is in the kernel from this ABI of Landlock on; 0: other */
} Attack;

/* ABIs of Landlock, and what it is called as a layer. */
enum { LANDLOCK_REFER = 2, LANDLOCK_SCOPES = 6 };
#define LANDLOCK "Landlock, by worker-exec"

enum { NOT_TRIED = 1 };

extern const Attack ingress_attacks[];
extern const size_t ingress_attacks_size;
extern const Attack descriptor_attacks[];
extern const size_t descriptor_attacks_size;
extern const Attack code_attacks[];
extern const size_t code_attacks_size;
extern const Attack kernel_attacks[];
extern const size_t kernel_attacks_size;
extern const Attack file_attacks[];
extern const size_t file_attacks_size;
extern const Attack neighbor_attacks[];
extern const size_t neighbor_attacks_size;

/* The result of a system call in that convention. */
static inline int result_of(long r) {
        return r < 0 ? -errno : 0;
}

/* The same for a call whose arguments are wrong on purpose: whatever error is not the one of a
 * filter or of a missing privilege comes from behind them. */
int reached(long r);

/* The end of a child, as wait(2) has it: exit status 0 is 0, another one is negative errno. */
int run_in_child(int (*run)(const void *argument), const void *argument, int *ret_signal);

/* Exit status of a payload that was executed: attack.c runs itself with --payload. */
enum { PAYLOAD_STATUS = 42 };

/* Whether a file or a memory mapping that was written just now in this directory can be executed.
 * -EROFS and the like: nothing can be written there. */
int execute_below(const char *directory);
int map_below(const char *directory);

/* --- the accomplice outside: root, no sandbox, same network namespace as a worker's default ----
 */

#define OUTSIDE    "/run/workers/root" /* its /run/workers is that of a worker */
#define ACCOMPLICE "/run/workers/accomplice"
#define ABSTRACT   "workers-accomplice"
#define VICTIM     "/run/workers/victim" /* a file: PID of an instance of the other worker */
#define SIBLING    "/run/workers/sibling"

/* Never returns. */
int accomplice_run(void);

/* Asks for one thing: "tcp", "unix" or "udp" for a socket on which a connection or a datagram
 * waits, "udp PORT" and "abstract NAME" for a datagram to there. Returns the socket, 0 when none
 * was to be sent, or negative errno. */
int accomplice_ask(const char *what);

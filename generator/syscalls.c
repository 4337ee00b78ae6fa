/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "syscalls.h"

#include <seccomp.h>

#include "syscall-filter.h"
#include "text.h"

static const char accepts[] = "it lets others connect to the worker";
static const char around[] = "it listens without any of the system calls that are filtered";

static const struct {
        const char *name;
        const char *reason;
} ingress[] = {
        { "listen", accepts },
        { "accept", accepts },
        { "accept4", accepts },
        { "bind", "use 'bind: ephemeral', which keeps fixed ports closed" },
        { "socketcall", around }, /* all of them in one, on some architectures: socketcall(2) */
        { "io_uring_setup", around },
        { "io_uring_enter", around },
        { "io_uring_register", around },
        { "@network-io", "it holds listen, accept and bind; name the single calls" },
        { "@aio", "it holds io_uring; name the single calls" },
        { "@system-service", "it is allowed already, and holds listen, accept and io_uring" },
        { "@known", "it holds everything; name the single calls" },
};

/* Keeps the nearer of two; nearest_string() has the say whether one is near at all. */
static void consider(const char *name, const char *candidate, char **nearest) {
        const char *const list[] = { candidate, *nearest, NULL };

        if (nearest_string(name, list) != candidate)
                return;
        free(*nearest);
        *nearest = strdup(candidate);
}

char *syscall_nearest(const char *name) {
        char *nearest = NULL;

        if (name[0] == '@') {
                for (size_t i = 0; i < builtin_syscall_groups.n; i++)
                        consider(name, builtin_syscall_groups.items[i].name, &nearest);
                return nearest;
        }
        for (int i = 0; i < SYSCALL_NUMBER_MAX; i++) {
                CLEANUP(freep)
                char *candidate = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);
                if (candidate)
                        consider(name, candidate, &nearest);
        }
        return nearest;
}

const char *syscall_ingress(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(ingress); i++)
                if (STREQ(ingress[i].name, name))
                        return ingress[i].reason;
        return NULL;
}

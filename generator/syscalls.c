/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "syscalls.h"

#include <seccomp.h>

#include "text.h"

/* "systemd-analyze syscall-filter" of 252, the oldest version supported */
static const char *const groups[] = {
        "@aio",
        "@basic-io",
        "@chown",
        "@clock",
        "@cpu-emulation",
        "@debug",
        "@default",
        "@file-system",
        "@io-event",
        "@ipc",
        "@keyring",
        "@known",
        "@memlock",
        "@module",
        "@mount",
        "@network-io",
        "@obsolete",
        "@pkey",
        "@privileged",
        "@process",
        "@raw-io",
        "@reboot",
        "@resources",
        "@sandbox",
        "@setuid",
        "@signal",
        "@swap",
        "@sync",
        "@system-service",
        "@timer",
        NULL,
};

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

bool syscall_is_known(const char *name) {
        return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR;
}

bool syscall_group_is_known(const char *name) {
        for (const char *const *g = groups; *g; g++)
                if (STREQ(*g, name))
                        return true;
        return false;
}

const char *syscall_nearest_group(const char *name) {
        return nearest_string(name, groups);
}

const char *syscall_ingress(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(ingress); i++)
                if (STREQ(ingress[i].name, name))
                        return ingress[i].reason;
        return NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "security-filter.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "stream-filter.h"
#include "syscalls.h"

/* SystemCallErrorNumber=; without one the process is killed, which for the question whether a call
 * is allowed comes to the same. */
static uint32_t error_number(const SandboxView *v) {
        const char *name = sandbox_view_value(v, "SystemCallErrorNumber");

        for (int e = 1; e < 134; e++) {
                const char *n = strerrorname_np(e);
                if (n && STREQ(n, name))
                        return (uint32_t) e;
        }
        return EPERM;
}

static int compile(const SandboxView *v, BpfProgram *ret) {
        CLEANUP(scmp_releasep) scmp_filter_ctx ctx = NULL;

        int r = syscall_filter_compile(&v->filter, (int) error_number(v), &ctx);
        return r < 0 ? r : bpf_export(ctx, ret);
}

static bool is_allowed(const BpfProgram *p, int number, uint64_t first, uint64_t second) {
        const struct seccomp_data data = {
                .nr = number, .arch = seccomp_arch_native(), .args = { first, second }
        };
        return bpf_run(p, &data) == SECCOMP_RET_ALLOW;
}

/* --- as pseudo code --------------------------------------------------------------------------- */

static int print_code(const char *title, const scmp_filter_ctx ctx) {
        printf("# %s\n", title);
        if (fflush(stdout) != 0)
                return -errno;
        return seccomp_export_pfc(ctx, STDOUT_FILENO);
}

int security_print_filter(const SandboxView *v) {
        CLEANUP(scmp_releasep) scmp_filter_ctx names = NULL;
        CLEANUP(scmp_releasep) scmp_filter_ctx streams = NULL;

        int r = syscall_filter_compile(&v->filter, (int) error_number(v), &names);
        if (r == 0)
                r = print_code("SystemCallFilter=", names);
        if (r == 0 && v->streams)
                r = stream_filter_make(EPERM, &streams);
        if (r == 0 && streams)
                r = print_code("network: tcp, loaded by worker-exec", streams);
        if (r < 0)
                fprintf(stderr, "workerctl: the filter can't be compiled: %s\n", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* --- single calls ----------------------------------------------------------------------------- */

/* Directives whose filters look at arguments, so that a call which is allowed by name may still be
 * refused: systemd.exec(5). */
static const struct {
        const char *call, *directive;
} by_arguments[] = {
        { "socket", "RestrictAddressFamilies" },
        { "clone", "RestrictNamespaces" },
        { "clone3", "RestrictNamespaces" },
        { "unshare", "RestrictNamespaces" },
        { "setns", "RestrictNamespaces" },
        { "mmap", "MemoryDenyWriteExecute" },
        { "mprotect", "MemoryDenyWriteExecute" },
        { "pkey_mprotect", "MemoryDenyWriteExecute" },
        { "shmat", "MemoryDenyWriteExecute" },
        { "personality", "LockPersonality" },
        { "sched_setscheduler", "RestrictRealtime" },
        { "chmod", "RestrictSUIDSGID" },
        { "fchmod", "RestrictSUIDSGID" },
        { "fchmodat", "RestrictSUIDSGID" },
        { "mknod", "RestrictSUIDSGID" },
        { "mknodat", "RestrictSUIDSGID" },
        { "open", "RestrictSUIDSGID" },
        { "openat", "RestrictSUIDSGID" },
};

static void print_conditions(const SandboxView *v, const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(by_arguments); i++) {
                const char *value = sandbox_view_value(v, by_arguments[i].directive);
                if (STREQ(by_arguments[i].call, name) && *value && !STREQ(value, "no"))
                        printf("; %s= looks at its arguments", by_arguments[i].directive);
        }
}

/* The second filter asks what kind of socket it is. */
static int print_streams(const SandboxView *v, int number) {
        static const struct {
                int family, type;
                const char *name;
        } kinds[] = {
                { AF_INET, SOCK_STREAM, "TCP" },
                { AF_INET, SOCK_DGRAM, "UDP" },
                { AF_INET6, SOCK_STREAM, "TCP over IPv6" },
                { AF_INET6, SOCK_DGRAM, "UDP over IPv6" },
                { AF_UNIX, SOCK_DGRAM, "Unix datagrams" },
        };
        CLEANUP(bpf_program_done) BpfProgram p = { 0 };

        if (!v->streams)
                return 0;
        int r = stream_filter_compile(&p);
        for (size_t i = 0; r == 0 && i < ARRAY_SIZE(kinds); i++)
                printf("%s %s %s", i == 0 ? "; network: tcp:" : ",", kinds[i].name,
                                is_allowed(&p, number, (uint64_t) kinds[i].family,
                                                (uint64_t) kinds[i].type)
                                                ? "allowed"
                                                : "denied");
        return r;
}

static int check_call(const SandboxView *v, const BpfProgram *p, const char *name) {
        int number = seccomp_syscall_resolve_name(name);

        if (number == __NR_SCMP_ERROR) {
                CLEANUP(freep) char *near = syscall_nearest(name);
                fprintf(stderr, "workerctl: '%s' is no system call%s%s%s\n", name,
                                near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
                return 2;
        }
        if (number < 0) {
                printf("%s: not a call of this architecture\n", name);
                return 0;
        }
        if (!is_allowed(p, number, 0, 0)) {
                const char *error = sandbox_view_value(v, "SystemCallErrorNumber");
                printf("%s: denied, %s\n", name, *error ? error : "the process is killed");
                return 1;
        }
        printf("%s: allowed", name);
        print_conditions(v, name);
        int r = STREQ(name, "socket") ? print_streams(v, number) : 0;
        printf("\n");
        return r < 0 ? 1 : 0;
}

int security_check_calls(const SandboxView *v, char **names) {
        CLEANUP(bpf_program_done) BpfProgram p = { 0 };
        int worst = 0;

        int r = compile(v, &p);
        if (r < 0) {
                fprintf(stderr, "workerctl: the filter can't be compiled: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        for (; *names; names++) {
                int status = check_call(v, &p, *names);
                if (status > worst)
                        worst = status;
        }
        return worst;
}

int security_count_calls(const SandboxView *v, unsigned *ret_allowed, unsigned *ret_known) {
        CLEANUP(bpf_program_done) BpfProgram p = { 0 };
        unsigned allowed = 0, known = 0;

        int r = compile(v, &p);
        if (r < 0)
                return r;
        for (int i = 0; i < SYSCALL_NUMBER_MAX; i++)
                if (syscall_is_native(i)) {
                        known++;
                        allowed += is_allowed(&p, i, 0, 0);
                }
        *ret_allowed = allowed;
        *ret_known = known;
        return 0;
}

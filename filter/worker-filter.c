/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker-filter.h"

#include <seccomp.h>

#include "syscall-groups.h"

const FilterLine worker_filter[] = {
        { FILTER_BASE, "@system-service", "what services of all kinds use, and no more" },
        { FILTER_BASE, "~@privileged @resources @keyring",
                        "what needs a privilege, takes from others, or outlives the process" },
        { FILTER_BASE, "~process_vm_readv process_vm_writev process_madvise kcmp",
                        "reads and changes other processes of the same user" },
        { FILTER_BASE, "~memfd_create memfd_secret",
                        "memory that can be executed although nothing below /usr holds it" },
        { FILTER_BASE, "~userfaultfd name_to_handle_at personality",
                        "kernel interfaces with a history of exploits that no worker needs" },
        { FILTER_LAUNCHER,
                        "seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self",
                        "only ever takes rights away from who calls it; in @default since 254",
                        254 },
        { FILTER_INGRESS,
                        "~listen accept accept4 socketcall io_uring_setup io_uring_enter "
                        "io_uring_register",
                        "lets others connect; io_uring and socketcall(2) do so under another "
                        "name" },
        { FILTER_BIND, "~bind", "takes a port or an address on which others can send" },
};
const size_t worker_filter_size = ARRAY_SIZE(worker_filter);

bool syscall_is_known(const char *name) {
        return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR;
}

bool syscall_group_is_known(const char *name, unsigned systemd_version) {
        const SyscallGroup *g = syscall_group_find(&builtin_syscall_groups, name);
        return g && g->since <= systemd_version;
}

static bool is_known(const char *name, size_t n, unsigned systemd_version) {
        char copy[64]; /* longer than any */

        if (n >= sizeof(copy))
                return false;
        memcpy(copy, name, n);
        copy[n] = '\0';
        return copy[0] == '@' ? syscall_group_is_known(copy, systemd_version)
                              : syscall_is_known(copy);
}

void filter_line_print(
                const FilterLine *l, unsigned systemd_version, StrBuf *value, StrBuf *unknown) {
        bool deny = l->value[0] == '~', first = true;

        for (const char *w = l->value + (deny ? 1 : 0); *w; w += strspn(w, " ")) {
                size_t n = strcspn(w, " ");

                if (is_known(w, n, systemd_version)) {
                        strbuf_append(value, !first ? " " : deny ? "~" : "");
                        strbuf_append_n(value, w, n);
                        first = false;
                } else {
                        strbuf_append(unknown, unknown->len > 0 ? " " : "");
                        strbuf_append_n(unknown, w, n);
                }
                w += n;
        }
}

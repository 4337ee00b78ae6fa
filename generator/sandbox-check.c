/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>

#include "number.h"
#include "sandbox.h"
#include "syscall-groups.h"
#include "syscalls.h"
#include "text.h"
#include "worker-filter.h"

/* Whether the values of relaxations are what their directives take, and none of them lets anybody
 * in. */

/* What a check has at hand beside the value. */
typedef struct Checking {
        unsigned systemd_version;
        Diagnostics *d;
} Checking;

static void tell_unknown(const Checking *c, const Item *i, const char *name) {
        CLEANUP(freep) char *near = syscall_nearest(name);
        bool group = name[0] == '@';

        if (near)
                diagnose_error(c->d, "E-SYSCALL", i->mark, "'%s' is no %s: did you mean '%s'?",
                                name, group ? "group of system calls" : "system call", near);
        else
                diagnose_error(c->d, "E-SYSCALL", i->mark, "'%s' is no %s; check its name", name,
                                group ? "group of system calls"
                                      : "system call: libseccomp does not know it");
}

static void check_syscall(const Checking *c, const Item *i) {
        bool remove = i->text[0] == '~';
        const char *name = i->text + (remove ? 1 : 0);

        if (name[0] == '@') {
                const SyscallGroup *g = syscall_group_find(&builtin_syscall_groups, name);
                if (!g)
                        tell_unknown(c, i, name);
                else if (!syscall_group_is_known(name, c->systemd_version))
                        diagnose_note(c->d, "N-SYSCALL", i->mark,
                                        "'%s' is left out: systemd has it from version %u on, here "
                                        "is %u",
                                        name, g->since, c->systemd_version);
        } else if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0'
                        || !syscall_is_known(name)) {
                tell_unknown(c, i, name);
                return;
        }

        const char *reason = remove ? NULL : syscall_ingress(name);
        if (reason)
                diagnose_error(c->d, "E-INGRESS", i->mark, "'%s' can't be allowed to a worker: %s",
                                name, reason);
}

/* Those that systemd knows on every version; it ignores an unknown one. */
static void check_family(const Checking *c, const Item *i) {
        static const char *const families[] = { "AF_ALG", "AF_BLUETOOTH", "AF_CAN", "AF_INET",
                "AF_INET6", "AF_KEY", "AF_NETLINK", "AF_PACKET", "AF_QIPCRTR", "AF_RXRPC",
                "AF_TIPC", "AF_UNIX", "AF_VSOCK", "AF_XDP", NULL };

        for (const char *const *f = families; *f; f++)
                if (STREQ(*f, i->text))
                        return;
        const char *near = nearest_string(i->text, families);
        diagnose_error(c->d, "E-VALUE", i->mark, "'%s' is no address family%s%s%s", i->text,
                        near ? ": did you mean '" : ": expected a name such as AF_NETLINK",
                        near ? near : "", near ? "'?" : "");
}

static bool is_address(const char *text) {
        static const char *const words[] = { "any", "localhost", "link-local", "multicast" };
        char address[INET6_ADDRSTRLEN];
        struct in6_addr buffer;
        unsigned bits = 0;

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (STREQ(words[i], text))
                        return true;

        size_t n = strcspn(text, "/");
        if (n >= sizeof(address))
                return false;
        memcpy(address, text, n);
        address[n] = '\0';
        bool v6 = strchr(address, ':');
        if (inet_pton(v6 ? AF_INET6 : AF_INET, address, &buffer) != 1)
                return false;
        return text[n] == '\0'
               || (parse_unsigned(text + n + 1, &bits) == 0 && bits <= (v6 ? 128 : 32));
}

static void check_address(const Checking *c, const Item *i) {
        if (!is_address(i->text))
                diagnose_error(c->d, "E-VALUE", i->mark,
                                "'%s' is no address: expected ADDRESS[/PREFIX], localhost, "
                                "link-local or multicast",
                                i->text);
}

/* Paths become words of BindPaths=, where ':' separates source and destination. */
static void check_path(const Checking *c, const Item *i) {
        static const char *const kept[]
                        = { "/", "/usr", "/proc", "/sys", "/dev", "/run", "/etc", "/tmp" };
        size_t n = strlen(i->text);
        bool good = i->text[0] == '/' && path_is_plain(i->text)
                    && (n == 1 || i->text[n - 1] != '/');

        if (!good) {
                diagnose_error(c->d, "E-PATH", i->mark,
                                "'%s' is no path to bind: expected an absolute path without '.', "
                                "'..', ':', '\\', '\"' and trailing '/'",
                                i->text);
                return;
        }
        for (size_t k = 0; k < ARRAY_SIZE(kept); k++)
                if (STREQ(i->text, kept[k]))
                        diagnose_error(c->d, "E-PATH", i->mark,
                                        "'%s' as a whole would replace the sandbox: name what the "
                                        "worker needs below it",
                                        i->text);
}

static const struct {
        const char *name;
        void (*check)(const Checking *c, const Item *i);
} checks[] = {
        { "SystemCallFilter", check_syscall },
        { "RestrictAddressFamilies", check_family },
        { "IPAddressAllow", check_address },
        { "ReadWritePaths", check_path },
        { "ReadOnlyPaths", check_path },
        { "ExecPaths", check_path },
};

/* A user for each instance is a promise, which what the worker shares would break. */
static void check_users(const Manifest *m, Diagnostics *d) {
        if (!has_user_per_instance(m))
                return;
        if (m->run_as_user)
                diagnose_error(d, "E-SANDBOX", m->run_as_user_mark,
                                "'runAsUser' with 'sandbox.user: instance': all instances would be "
                                "that user; remove one of them");
        if (m->volumes)
                diagnose_error(d, "E-SANDBOX", m->volumes->mark,
                                "a volume with 'sandbox.user: instance': instances of different "
                                "users can't share it; remove one of them");
}

/* What takes back what another relaxation says, or has nothing to act on. */
static void check_contradictions(const Manifest *m, Diagnostics *d) {
        const char *jit = relaxation_value(m, "jit");
        const Relaxation *allow = relaxation_find(m, "IPAddressAllow"),
                         *deny = relaxation_find(m, "MemoryDenyWriteExecute");

        if (allow && relaxation_is(m, "network", "none"))
                diagnose_warning(d, "W-SANDBOX", allow->mark,
                                "'IPAddressAllow' has no effect with 'network: none': there is no "
                                "network to allow addresses of; remove one of them");
        if (jit && deny && relaxation_is(m, "MemoryDenyWriteExecute", jit))
                diagnose_error(d, "E-SANDBOX", deny->mark,
                                "'MemoryDenyWriteExecute: %s' contradicts 'jit: %s': keep 'jit'",
                                jit, jit);
}

void sandbox_check(const Manifest *m, unsigned systemd_version, Diagnostics *d) {
        const Checking c = { systemd_version, d };

        for (const Relaxation *x = m->relaxations; x; x = x->next)
                for (size_t k = 0; k < ARRAY_SIZE(checks); k++) {
                        if (!STREQ(x->name, checks[k].name))
                                continue;
                        for (const Item *i = x->values.first; i; i = i->next)
                                checks[k].check(&c, i);
                }

        check_users(m, d);
        check_contradictions(m, d);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "syscall-filter.h"

#include <errno.h>

typedef struct Adding {
        SyscallFilter *filter;
        const SyscallGroups *groups;
        UnknownSyscall unknown;
        void *userdata;
} Adding;

enum { NAME_SIZE = 64, DEPTH_MAX = 4 }; /* groups within groups within groups */

static void list_words(const Adding *a, const char *words, bool listed, int depth);

static void list_name(const Adding *a, const char *name, bool listed, int depth) {
        if (name[0] == '@') {
                const SyscallGroup *g = syscall_group_find(a->groups, name);
                if (g && !g->members)
                        memset(&a->filter->listed, listed ? 0xff : 0, sizeof(a->filter->listed));
                else if (g && depth < DEPTH_MAX)
                        list_words(a, g->members, listed, depth + 1);
                else if (!g && a->unknown)
                        a->unknown(name, a->userdata);
                return;
        }

        int number = seccomp_syscall_resolve_name(name);
        if (number == __NR_SCMP_ERROR) {
                /* a group may name what only a newer libseccomp knows: no news to the user */
                if (depth == 0 && a->unknown)
                        a->unknown(name, a->userdata);
        } else /* below 0: of other architectures */
                syscall_set_put(&a->filter->listed, number, listed);
}

/* A word may be NAME:ERROR, which in an allow-list takes the call out as well. */
static void list_words(const Adding *a, const char *words, bool listed, int depth) {
        for (const char *w = words + strspn(words, " \t"); *w; w += strspn(w, " \t")) {
                char name[NAME_SIZE];
                size_t n = strcspn(w, " \t"), m = strcspn(w, ": \t");

                if (m < sizeof(name)) {
                        memcpy(name, w, m);
                        name[m] = '\0';
                        list_name(a, name, listed && (m == n || !a->filter->allow_list), depth);
                }
                w += n;
        }
}

void syscall_filter_add(SyscallFilter *f, const SyscallGroups *groups, const char *value,
                UnknownSyscall unknown, void *userdata) {
        const Adding a = { f, groups, unknown, userdata };
        bool deny = value[0] == '~';

        if (*value == '\0') {
                *f = (SyscallFilter){ 0 };
                return;
        }
        if (!f->given) {
                f->given = true;
                f->allow_list = !deny;
                if (f->allow_list)
                        list_name(&a, "@default", true, 0);
        }
        list_words(&a, value + (deny ? 1 : 0), f->allow_list != deny, 0);
}

bool syscall_filter_allows(const SyscallFilter *f, int number) {
        if (!f->given)
                return true;
        return syscall_set_has(&f->listed, number) == f->allow_list;
}

void syscall_filter_allowed(const SyscallFilter *f, SyscallSet *ret) {
        *ret = (SyscallSet){ 0 };
        for (int i = 0; i < SYSCALL_NUMBER_MAX; i++)
                if (syscall_filter_allows(f, i) && syscall_is_native(i))
                        syscall_set_put(ret, i, true);
}

void syscall_words(const SyscallGroups *groups, const char *words, SyscallSet *ret) {
        /* one that has begun, so that @default is not added */
        SyscallFilter f = { .given = true, .allow_list = true };

        syscall_filter_add(&f, groups, words, NULL, NULL);
        syscall_filter_allowed(&f, ret);
}

int syscall_filter_compile(const SyscallFilter *f, int error, scmp_filter_ctx *ret) {
        const uint32_t deny = SCMP_ACT_ERRNO((uint32_t) error);
        CLEANUP(scmp_releasep)
        scmp_filter_ctx ctx = seccomp_init(f->allow_list ? deny : SCMP_ACT_ALLOW);

        if (!ctx)
                return -ENOMEM;
        for (int i = 0; i < SYSCALL_NUMBER_MAX; i++) {
                if (!syscall_set_has(&f->listed, i) || !syscall_is_native(i))
                        continue;
                int r = seccomp_rule_add_exact(ctx, f->allow_list ? SCMP_ACT_ALLOW : deny, i, 0);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(ctx);
        return 0;
}

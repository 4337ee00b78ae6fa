/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stream-filter.h"

#include <errno.h>
#include <sys/socket.h>

/* socket(2) takes int, the kernel ignores the upper half of the register: so must the filter, or a
 * family with a bit set up there would pass as another one. */
#define INT_EQUAL(n, value) SCMP_CMP64(n, SCMP_CMP_MASKED_EQ, UINT32_MAX, (value))

/* What a type other than SOCK_STREAM (1) has within SOCK_TYPE_MASK (0xf): its lowest bit not set,
 * or a higher one set. libseccomp can compare a part with one value, not with all others. */
static const struct {
        unsigned mask, value;
} other_types[] = { { 1, 0 }, { 2, 2 }, { 4, 4 }, { 8, 8 } };

_Static_assert(SOCK_STREAM == 1, "socket types of this architecture have other numbers");

int stream_filter_make(int error, scmp_filter_ctx *ret) {
        static const int families[] = { AF_INET, AF_INET6 };
        CLEANUP(scmp_releasep) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

        if (!ctx)
                return -ENOMEM;
        for (size_t f = 0; f < ARRAY_SIZE(families); f++)
                for (size_t t = 0; t < ARRAY_SIZE(other_types); t++) {
                        int r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO((uint32_t) error),
                                        SCMP_SYS(socket), 2, INT_EQUAL(0, (unsigned) families[f]),
                                        SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, other_types[t].mask,
                                                        other_types[t].value));
                        if (r < 0)
                                return r;
                }
        *ret = TAKE_PTR(ctx);
        return 0;
}

int stream_filter_compile(BpfProgram *ret) {
        CLEANUP(scmp_releasep) scmp_filter_ctx ctx = NULL;

        int r = stream_filter_make(EPERM, &ctx);
        return r < 0 ? r : bpf_export(ctx, ret);
}

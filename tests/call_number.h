/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <check.h>
#include <seccomp.h>

/* The number here of a system call that a test names. Newer architectures have no open, mkdir and
 * the like, only openat, mkdirat: so that a test runs on all, it may only name what these have. */
static inline int call_number(const char *name) {
        if (seccomp_syscall_resolve_name_arch(SCMP_ARCH_AARCH64, name) < 0)
                ck_abort_msg("'%s' is no call of arm64", name);
        return seccomp_syscall_resolve_name(name);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>

#include "macro.h"

/* Programs of the kernel's classic BPF, as seccomp(2) runs them: made by libseccomp, run here to
 * find out what they say of a single system call. */

typedef struct BpfProgram {
        struct sock_filter *code; /* owned */
        size_t n;
} BpfProgram;

static inline void scmp_releasep(scmp_filter_ctx *ctx) {
        if (*ctx)
                seccomp_release(*ctx);
}

void bpf_program_done(BpfProgram *p);

/* Whether libseccomp knows a system call of that number on the native architecture. */
bool syscall_is_native(int number);

/* Takes the program out of a filter. Returns 0 or negative errno. */
int bpf_export(const scmp_filter_ctx ctx, BpfProgram *ret);

/* What the program returns for a call (SECCOMP_RET_*), as the kernel would run it;
 * SECCOMP_RET_KILL_PROCESS for a program that the kernel would not load. */
uint32_t bpf_run(const BpfProgram *p, const struct seccomp_data *data);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"

/* A set of system calls, by their numbers on the native architecture. */

enum { SYSCALL_NUMBER_MAX = 8192 }; /* of all ABIs that libseccomp has: mips is the highest */

typedef struct SyscallSet {
        uint64_t bits[SYSCALL_NUMBER_MAX / 64];
} SyscallSet;

/* What is out of range is in no set, and is not put into any. */
static inline bool syscall_set_has(const SyscallSet *s, int number) {
        return number >= 0 && number < SYSCALL_NUMBER_MAX
               && s->bits[number / 64] >> (number % 64) & 1;
}

static inline void syscall_set_put(SyscallSet *s, int number, bool in) {
        if (number < 0 || number >= SYSCALL_NUMBER_MAX)
                return;
        uint64_t bit = UINT64_C(1) << (number % 64);
        if (in)
                s->bits[number / 64] |= bit;
        else
                s->bits[number / 64] &= ~bit;
}

static inline void syscall_set_add(SyscallSet *s, const SyscallSet *others) {
        for (size_t i = 0; i < ARRAY_SIZE(s->bits); i++)
                s->bits[i] |= others->bits[i];
}

static inline void syscall_set_keep(SyscallSet *s, const SyscallSet *others) {
        for (size_t i = 0; i < ARRAY_SIZE(s->bits); i++)
                s->bits[i] &= others->bits[i];
}

static inline void syscall_set_remove(SyscallSet *s, const SyscallSet *others) {
        for (size_t i = 0; i < ARRAY_SIZE(s->bits); i++)
                s->bits[i] &= ~others->bits[i];
}

static inline unsigned syscall_set_count(const SyscallSet *s) {
        unsigned n = 0;
        for (size_t i = 0; i < ARRAY_SIZE(s->bits); i++)
                n += (unsigned) __builtin_popcountll(s->bits[i]);
        return n;
}

static inline bool syscall_set_is_within(const SyscallSet *s, const SyscallSet *whole) {
        for (size_t i = 0; i < ARRAY_SIZE(s->bits); i++)
                if (s->bits[i] & ~whole->bits[i])
                        return false;
        return true;
}

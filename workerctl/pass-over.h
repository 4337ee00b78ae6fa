/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"
#include "syscall-set.h"

/* What the kernel's filter of a tracepoint has to say to pass over system calls: an expression of
 * the kernel's Documentation/trace/events.rst, "Event filtering", about the field "id" of
 * raw_syscalls:sys_enter. Pure. */

enum { PASS_OVER_MAX = 4095 }; /* of which the kernel takes no more */

/* Appends the expression that is true of all numbers but those of the set; nothing for an empty
 * one. Returns 0, -ENOMEM, or -E2BIG, which does not happen with the calls of an architecture. */
int pass_over_print(const SyscallSet *known, StrBuf *b);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sandbox-view.h"

/* The filters of a sandbox, compiled: shown as libseccomp shows them, or asked by running them. */

/* Prints libseccomp's pseudo code of the filters. Returns an exit status. */
int security_print_filter(const SandboxView *v);

/* Prints whether each system call is allowed. Returns an exit status: 0 when all are, 1 when one is
 * denied, 2 when a name is none. */
int security_check_calls(const SandboxView *v, char **names);

/* How many of the native system calls are allowed, and how many there are. Returns 0 or negative
 * errno. */
int security_count_calls(const SandboxView *v, unsigned *ret_allowed, unsigned *ret_known);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* Runs a program, searched in $PATH, and takes what it prints to standard output, up to limit
 * bytes; standard error goes nowhere. The caller frees *ret. Returns 0, -ENOENT when it is not
 * installed, -EPROTO when it failed, or another negative errno. */
int capture(const char *const *argv, size_t limit, char **ret);

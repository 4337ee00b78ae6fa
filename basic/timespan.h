/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Time spans as in systemd.time(7). Microseconds everywhere. */

typedef uint64_t usec_t;

#define USEC_INFINITY ((usec_t) UINT64_MAX)

enum { TIMESPAN_MAX = 64 };

/* What CLOCK_MONOTONIC says now. */
usec_t monotonic_usec(void);

/* Reads "10", "10s", "1min 30s", "2.5h", "500ms", "infinity"; a number without a unit is seconds.
 * Returns 0, -EINVAL (not a time span) or -ERANGE (too long); *ret in microseconds, written on
 * success only. */
int parse_timespan(const char *s, usec_t *ret);

/* Writes the shortest exact form that parse_timespan() and systemd read back, such as "1min 30s".
 * Returns buffer, which should hold TIMESPAN_MAX characters. */
const char *format_timespan(char *buffer, size_t size, usec_t span);

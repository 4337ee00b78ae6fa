/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "policy.h"

/* The engine behind a line protocol, so that any simulator can drive it: one line a tick in,
 *     t=12.0 instances=3 starting=1 backlog=120 completed=35 arrived=40 oldest=1.5 busy=0.9
 * the desired count out, flushed before the next line is read. Keys may be missing, unknown ones
 * are ignored; counts are those since the line before. */

/* Reads one line into *ret. Returns 0, or -EINVAL when the line has no time or a value is no
 * number. */
int parse_observation_line(char *line, Observation *ret);

/* Until the end of in. Returns 0 or negative errno; bad lines are named on stderr and answered with
 * the count before. */
int simulate_stdio(const Policy *p, FILE *in, FILE *out);

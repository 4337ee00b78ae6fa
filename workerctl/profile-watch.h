/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "observation.h"
#include "timespan.h"

/* Watches the instances of a worker for so long, or until SIGINT or SIGTERM; known: calls that need
 * not be told. Shows on a terminal how it gets on. Says what is wrong, if it fails. Returns 0 or
 * negative errno; *o, zeroed at first, and *ret_watched are written on success only. */
int profile_watch(sd_bus *bus, const char *id, usec_t span, const SyscallSet *known, Observation *o,
                usec_t *ret_watched);

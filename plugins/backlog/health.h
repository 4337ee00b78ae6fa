/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugin.h"

/* Whether what a plugin asks (a command, a server) answers: one log line when that changes, and the
 * end of its last values when it has been silent for too long. */

typedef struct Health Health;

/* subject: who is spoken of, quoted in messages; kept by reference. Returns 0 or negative errno;
 * *ret is owned by the caller, and is to be freed before the plugin. */
int health_new(Plugin *plugin, const char *subject, usec_t keep, Health **ret);
Health *health_free(Health *h);
DEFINE_CLEANUP(Health *, health_free)

/* There is a fresh value. Returns 0 or negative errno. */
int health_good(Health *h);

/* There is none. text says why ("failed with exit code 1") and is logged unless the condition, a
 * positive number, is the one before. Returns 0 or negative errno. */
int health_bad(Health *h, int condition, const char *text);

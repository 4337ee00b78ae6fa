/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"

/* The names of the units of one worker, shared by what writes them (worker-generator) and what
 * reads them (worker-scaler, workerctl). An id is NAME in the workspace "public", else
 * WORKSPACE.NAME. */

enum {
        WORKER_NAME_MAX = 48,
        WORKSPACE_MAX = 32,
        WORKER_ID_MAX = WORKSPACE_MAX + 1 + WORKER_NAME_MAX,
        UNIT_NAME_MAX = 255, /* UNIT_NAME_MAX of systemd, without the NUL */
};

#define WORKSPACE_DEFAULT "public"

/* [a-z0-9]([-a-z0-9]*[a-z0-9]), two characters at least */
bool worker_name_is_valid(const char *s);

/* [a-z]([-a-z0-9]*[a-z0-9])? */
bool workspace_is_valid(const char *s);

/* Splits "worker-ID@N.service" into ID and N. id must hold UNIT_NAME_MAX + 1 characters.
 * Returns 0, or -EINVAL when it is not such a name; N is decimal, from 1, without leading zeros. */
int parse_instance_unit(const char *unit, char *id, unsigned *ret_number);

/* Splits "worker-ID-backlog.service" into ID; -EINVAL when it is not such a name. A worker called
 * "x-backlog" can't be mistaken for it, as instances have an "@". */
int parse_backlog_unit(const char *unit, char *id);

/* The same for "worker-ID.target". */
int parse_target_unit(const char *unit, char *id);

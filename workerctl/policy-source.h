/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "scaling-section.h"

/* Where a scaling policy is read from: a target that systemd knows, a target's file, or a
 * manifest. */

/* Reads the files that systemd loads a target from, the drop-ins included. Silent. Returns 0, or
 * negative errno: -ENOENT when systemd knows no such target. *ret, which scaling_init() has made,
 * is written on success only. */
int policy_from_unit(sd_bus *bus, const char *unit, ScalingWarning warn, Scaling *ret);

/* Reads a target's file and PATH.d/NAME.conf beside it. Silent; as above. */
int policy_from_target_file(const char *path, ScalingWarning warn, Scaling *ret);

/* Whether an argument says where a policy is, as opposed to a trace: a manifest (.yaml, .yml), a
 * target (.target), or, where no file has that name and it does not end in .csv, the id of a
 * worker. */
bool is_policy_source(const char *argument);

/* Reads the policy that an argument names. Says what is wrong, if it fails; warnings go to standard
 * error. Returns 0 or negative errno; *ret as above. */
int policy_read(const char *argument, Scaling *ret);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* The files that a unit is made of: the fragment, then its drop-ins in their order. */

/* Takes the text of one of them, which is the caller's; a negative result ends the reading. */
typedef int (*UnitFileVisitor)(const char *path, const char *text, bool drop_in, void *userdata);

/* Those that systemd loads a unit from. Silent. Returns 0, -ENOENT when there are none, or another
 * negative errno; that of the visitor is passed on. */
int unit_files_of_system(sd_bus *bus, const char *unit, UnitFileVisitor visit, void *userdata);

/* A unit's file, and PATH.d/NAME.conf beside it; as above. */
int unit_files_at(const char *path, UnitFileVisitor visit, void *userdata);

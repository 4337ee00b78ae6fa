/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"

/* The files that make up the template of a worker: the fragment, then its drop-ins in their order.
 */

typedef struct UnitText {
        char *path, *text; /* owned */
} UnitText;

enum { UNIT_TEXTS_MAX = 128 }; /* more drop-ins are more than anybody reads */

typedef struct UnitTexts {
        char *name; /* owned; such as "worker-mail@.service" */
        UnitText items[UNIT_TEXTS_MAX];
        size_t n;
} UnitTexts;

void unit_texts_done(UnitTexts *t);

/* argument is the ID of a worker, as the systemd that runs knows it; a manifest (.yaml, .yml), as
 * it would be generated; or a unit file, with the drop-ins of the directory FILE.d beside it. Says
 * what is wrong, if it fails: returns -ENOENT where there is none, else negative errno. */
int unit_texts_read(const char *argument, UnitTexts *ret);

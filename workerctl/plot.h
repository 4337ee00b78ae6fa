/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "queue-model.h"

/* Pictures of a run: instances as bars, the load (in instances' worth) over them. */

/* For a terminal of so many columns (at least 30 are used); utf8: block characters may be used. */
int plot_terminal(FILE *out, const ModelResult *r, unsigned columns, bool utf8);

/* A complete SVG document; the title is escaped. wait: the target, s. */
int plot_svg(FILE *out, const ModelResult *r, const char *title, double wait);

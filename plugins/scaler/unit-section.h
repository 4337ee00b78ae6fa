/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* The syntax of unit files, systemd.syntax(7): sections, comments, continued lines. Knows no key
 * and gives the assignments of one section, in order; what a repeated key means is up to the
 * handler. */

/* line is where the assignment begins, from 1. A negative result ends the parsing. */
typedef int (*UnitSectionHandler)(
                const char *key, const char *value, unsigned line, void *userdata);

/* text is NUL-terminated. Lines that are no assignments are skipped, as systemd skips them.
 * Returns the number of assignments given, the handler's negative result, or -ENOMEM. */
int unit_section_parse(
                const char *text, const char *section, UnitSectionHandler handler, void *userdata);

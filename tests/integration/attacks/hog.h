/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Takes as much as it gets, up to a bound that does not harm a machine without limits, and waits
 * for ever. what is "processes" or "memory"; prints what it has taken, one line each time that
 * counts. Returns -EINVAL for another word, and otherwise never. */
int hog(const char *what);

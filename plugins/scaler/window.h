/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The largest value of the last so many seconds, in constant memory: values within a 16th of the
 * window become one, so that a value is kept for the length of the window or up to 6 % longer. */

enum { WINDOW_ENTRIES = 24 };

typedef struct MaxWindow {
        unsigned n; /* entries, oldest and largest first */
        struct {
                double first, last; /* when the values were seen that it stands for, s */
                double value;
        } entry[WINDOW_ENTRIES];
} MaxWindow;

/* Adds a value seen at t (never before the last one) and forgets what is older than length s. */
void max_window_add(MaxWindow *w, double t, double value, double length);

/* The largest value kept; 0 when there is none. */
double max_window_get(const MaxWindow *w);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "window.h"

#include <stddef.h>
#include <string.h>

void max_window_add(MaxWindow *w, double t, double value, double length) {
        /* what is not larger than a newer value can never be the largest again */
        while (w->n > 0 && w->entry[w->n - 1].value <= value)
                w->n--;

        typeof(w->entry[0]) *newest = w->n > 0 ? &w->entry[w->n - 1] : NULL;
        if (newest && (w->n == WINDOW_ENTRIES || t - newest->first < length / 16))
                newest->last = t; /* the larger one stands for both: nothing goes too early */
        else
                w->entry[w->n++] = (typeof(w->entry[0])){ .first = t, .last = t, .value = value };

        unsigned old = 0;
        while (old + 1 < w->n && w->entry[old].last < t - length)
                old++;
        w->n -= old;
        memmove(w->entry, w->entry + old, w->n * sizeof(w->entry[0]));
}

double max_window_get(const MaxWindow *w) {
        return w->n > 0 ? w->entry[0].value : 0;
}

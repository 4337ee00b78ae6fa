/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sparkline.h"

#include <math.h>

void history_add(History *h, double value) {
        h->values[h->next] = isfinite(value) && value > 0 ? value : 0;
        h->next = (h->next + 1) % HISTORY_SIZE;
        if (h->n < HISTORY_SIZE)
                h->n++;
}

void history_draw(const History *h, StrBuf *b) {
        static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
        const size_t highest = ARRAY_SIZE(bars) - 1;
        double top = 0;

        for (size_t i = 0; i < h->n; i++)
                top = fmax(top, h->values[i]);
        for (size_t i = h->n; i < HISTORY_SIZE; i++)
                strbuf_append_char(b, ' ');
        for (size_t i = 0; i < h->n; i++) {
                double v = h->values[(h->next + HISTORY_SIZE - h->n + i) % HISTORY_SIZE];
                size_t bar = top > 0 ? (size_t) ceil(v / top * (double) highest) : 0;
                strbuf_append(b, bars[bar]);
        }
}

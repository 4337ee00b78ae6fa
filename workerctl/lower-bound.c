/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lower-bound.h"

#include <errno.h>
#include <math.h>

typedef struct Point {
        double x, y;
} Point;

/* One side of the funnel that opens from the last fixed point of the string: a chain that bends
 * away from the other side, the fixed point first. */
typedef struct Chain {
        Point *p;
        size_t first, end;
} Chain;

static double slope(Point a, Point b) {
        return (b.y - a.y) / (b.x - a.x);
}

static size_t length(const Chain *c) {
        return c->end - c->first;
}

/* Adds q to `near`; where that closes the funnel, the string is fixed along `far`. sign: 1 when
 * near is the upper side, -1 when it is the lower. */
static void extend(Chain *near, Chain *far, Point q, double sign, Point *path, size_t *n_path) {
        while (length(near) >= 2
                        && sign * slope(near->p[near->end - 2], near->p[near->end - 1])
                                           >= sign * slope(near->p[near->end - 1], q))
                near->end--;
        if (length(near) == 1) {
                Point apex = near->p[near->first];
                while (length(far) >= 2 && far->p[far->first + 1].x < q.x
                                && sign * slope(apex, q)
                                                   <= sign
                                                                      * slope(far->p[far->first],
                                                                                      far->p[far->first
                                                                                                      + 1])) {
                        apex = far->p[++far->first];
                        path[(*n_path)++] = apex;
                }
                near->first = near->end = near->end - 1;
                near->p[near->end++] = apex;
        }
        near->p[near->end++] = q;
}

/* Fills path, which has room for n points, with the corners of the shortest path between the two
 * curves; returns how many. */
static size_t taut_string(
                const double *lower, const double *upper, size_t n, Point *room, Point *path) {
        Chain up = { .p = room, .end = 1 }, low = { .p = room + n, .end = 1 };
        size_t n_path = 0;

        up.p[0] = low.p[0] = path[n_path++] = (Point){ 0, lower[0] };
        for (size_t k = 1; k < n; k++) {
                extend(&up, &low, (Point){ (double) k, upper[k] }, 1, path, &n_path);
                extend(&low, &up, (Point){ (double) k, lower[k] }, -1, path, &n_path);
        }
        path[n_path++] = (Point){ (double) (n - 1), lower[n - 1] };
        return n_path;
}

int lower_bound(const double *arrivals, size_t n, double wait, unsigned min, const Trace *trace,
                double mu, double *ret) {
        size_t lag = (size_t) (wait + 1e-9), size = n + 1 + lag;
        CLEANUP(freep) double *lower = calloc(2 * size, sizeof(double));
        CLEANUP(freep) Point *points = calloc(4 * size, sizeof(Point));
        if (!lower || !points)
                return -ENOMEM;

        double *upper = lower + size, total = 0;
        for (size_t k = 0; k < n; k++) {
                total += arrivals[k];
                upper[k + 1] = total;
        }
        for (size_t k = n + 1; k < size; k++)
                upper[k] = total;
        for (size_t k = lag + 1; k < size; k++) /* what came by k - lag is due by k */
                lower[k] = upper[k - lag];
        lower[size - 1] = total;

        Point *path = points + 2 * size;
        size_t corners = taut_string(lower, upper, size, points, path);
        double sum = 0;
        for (size_t c = 1; c < corners; c++) {
                if (path[c].x <= path[c - 1].x)
                        continue;
                double rate = slope(path[c - 1], path[c]);
                for (size_t k = (size_t) path[c - 1].x; k < (size_t) path[c].x; k++) {
                        double least = k < n ? min : 0;
                        sum += fmax(least, rate / trace_capacity_at(trace, mu, (double) k));
                }
        }
        *ret = sum;
        return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>

#include "number.h"

#define TIME_MAX 1e8
#define RATE_MAX 1e9

void trace_done(Trace *t) {
        free(t->rate);
        free(t->capacity);
        *t = (Trace){ 0 };
}

static int append(TracePoint **points, size_t *n, double t, double value) {
        if ((*n & (*n - 1)) == 0) { /* full at each power of two */
                size_t room = *n == 0 ? 1 : 2 * *n;
                TracePoint *p = reallocarray(*points, room, sizeof(TracePoint));
                if (!p)
                        return -ENOMEM;
                *points = p;
        }
        (*points)[(*n)++] = (TracePoint){ t, value };
        return 0;
}

static int parse_number(char *s, double max, double *ret) {
        s += strspn(s, " \t");
        s[strcspn(s, " \t\r")] = '\0';
        double x;
        int r = parse_double(s, &x);
        if (r < 0)
                return r;
        if (fabs(x) > max)
                return -ERANGE;
        *ret = x;
        return 0;
}

static int parse_schedule(char *s, Trace *t) {
        char *rest = NULL;
        for (char *pair = strtok_r(s, ";", &rest); pair; pair = strtok_r(NULL, ";", &rest)) {
                char *colon = strchr(pair, ':');
                double when, mu;
                if (!colon)
                        return -EINVAL;
                *colon = '\0';
                if (parse_number(pair, TIME_MAX, &when) < 0
                                || parse_number(colon + 1, RATE_MAX, &mu) < 0 || mu <= 0)
                        return -EINVAL;
                int r = append(&t->capacity, &t->n_capacity, when, mu);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What is no "key=value" is a comment, and so is what we have no use for. */
static int parse_comment(char *s, Trace *t) {
        const struct {
                const char *name;
                double *value;
        } keys[] = {
                { "mu", &t->mu },
                { "W", &t->wait },
                { "min", &t->min },
                { "max", &t->max },
                { "delay", &t->delay },
        };
        char *rest = NULL;

        for (char *word = strtok_r(s, " \t\r", &rest); word;
                        word = strtok_r(NULL, " \t\r", &rest)) {
                char *value = strchr(word, '=');
                int r = 0;
                if (!value)
                        continue;
                *value++ = '\0';
                if (STREQ(word, "mu_schedule"))
                        r = parse_schedule(value, t);
                for (size_t i = 0; i < ARRAY_SIZE(keys) && r >= 0; i++)
                        if (STREQ(word, keys[i].name))
                                r = parse_number(value, RATE_MAX, keys[i].value);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int parse_row(char *s, Trace *t) {
        char *comma = strchr(s, ',');
        double when, rate;

        if (!comma)
                return -EINVAL;
        if (t->n == 0 && isalpha((unsigned char) s[0]))
                return 0; /* the names of the columns */
        *comma++ = '\0';
        comma[strcspn(comma, ",")] = '\0';
        if (parse_number(s, TIME_MAX, &when) < 0 || parse_number(comma, RATE_MAX, &rate) < 0)
                return -EINVAL;
        if (rate < 0 || when < 0 || (t->n > 0 && when < t->rate[t->n - 1].t))
                return -EINVAL;
        return append(&t->rate, &t->n, when, rate);
}

int trace_parse(char *text, Trace *ret, unsigned *reterr_line) {
        CLEANUP(trace_done)
        Trace t = { .mu = -1, .wait = -1, .min = -1, .max = -1, .delay = -1 };
        unsigned line = 0;

        for (char *s = text, *next; s; s = next) {
                next = strchr(s, '\n');
                if (next)
                        *next++ = '\0';
                line++;
                s += strspn(s, " \t\r");
                int r = *s == '\0' ? 0 : *s == '#' ? parse_comment(s + 1, &t) : parse_row(s, &t);
                if (r < 0) {
                        *reterr_line = line;
                        return r == -ENOMEM ? r : -EINVAL;
                }
        }
        if (t.n < 2 || trace_duration(&t) <= 0) {
                *reterr_line = 0;
                return -EINVAL;
        }
        *ret = t;
        t = (Trace){ 0 };
        return 0;
}

/* The last point at or before `when`. */
static size_t find(const TracePoint *p, size_t n, double when) {
        size_t low = 0, high = n;
        while (high - low > 1) {
                size_t middle = low + (high - low) / 2;
                if (p[middle].t <= when + 1e-9)
                        low = middle;
                else
                        high = middle;
        }
        return low;
}

double trace_rate_at(const Trace *t, double when) {
        size_t i = find(t->rate, t->n, when + t->rate[0].t);
        return i + 1 < t->n ? t->rate[i].value : 0;
}

double trace_capacity_at(const Trace *t, double mu, double when) {
        if (t->n_capacity == 0 || when < t->capacity[0].t)
                return mu;
        return t->capacity[find(t->capacity, t->n_capacity, when)].value;
}

double trace_duration(const Trace *t) {
        return t->rate[t->n - 1].t - t->rate[0].t;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "timespan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "macro.h"

usec_t monotonic_usec(void) {
        struct timespec ts = { 0 };
        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (usec_t) ts.tv_sec * USEC_PER_SEC + (usec_t) ts.tv_nsec / NSEC_PER_USEC;
}

typedef struct TimeUnit {
        const char *name;
        usec_t usec;
} TimeUnit;

#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR   (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY    (24 * USEC_PER_HOUR)
#define USEC_PER_WEEK   (7 * USEC_PER_DAY)
#define USEC_PER_MONTH  (2629800 * USEC_PER_SEC)
#define USEC_PER_YEAR   (31557600 * USEC_PER_SEC)

/* systemd.time(7), "Parsing Time Spans" */
static const TimeUnit units[] = {
        { "usec", 1 },
        { "us", 1 },
        { "µs", 1 },
        { "μs", 1 },
        { "msec", USEC_PER_MSEC },
        { "ms", USEC_PER_MSEC },
        { "seconds", USEC_PER_SEC },
        { "second", USEC_PER_SEC },
        { "sec", USEC_PER_SEC },
        { "s", USEC_PER_SEC },
        { "minutes", USEC_PER_MINUTE },
        { "minute", USEC_PER_MINUTE },
        { "min", USEC_PER_MINUTE },
        { "m", USEC_PER_MINUTE },
        { "hours", USEC_PER_HOUR },
        { "hour", USEC_PER_HOUR },
        { "hr", USEC_PER_HOUR },
        { "h", USEC_PER_HOUR },
        { "days", USEC_PER_DAY },
        { "day", USEC_PER_DAY },
        { "d", USEC_PER_DAY },
        { "weeks", USEC_PER_WEEK },
        { "week", USEC_PER_WEEK },
        { "w", USEC_PER_WEEK },
        { "months", USEC_PER_MONTH },
        { "month", USEC_PER_MONTH },
        { "M", USEC_PER_MONTH },
        { "years", USEC_PER_YEAR },
        { "year", USEC_PER_YEAR },
        { "y", USEC_PER_YEAR },
};

static const TimeUnit second = { "s", USEC_PER_SEC };

static const char *skip_space(const char *s) {
        return s + strspn(s, " \t");
}

/* The unit at *s, which is moved behind it; seconds where none stands; NULL where it is unknown. */
static const TimeUnit *take_unit(const char **s) {
        size_t n = strcspn(*s, " \t0123456789.");
        if (n == 0)
                return &second;

        for (size_t i = 0; i < ARRAY_SIZE(units); i++)
                if (strlen(units[i].name) == n && strncmp(*s, units[i].name, n) == 0) {
                        *s += n;
                        return &units[i];
                }
        return NULL;
}

/* The digits behind a decimal point as a share of the unit; what is below a microsecond is cut. */
static usec_t take_fraction(const char **s, usec_t *scale) {
        usec_t value = 0;

        *scale = 1;
        for (; **s >= '0' && **s <= '9'; (*s)++)
                if (*scale < 1000000) {
                        value = value * 10 + (usec_t) (**s - '0');
                        *scale *= 10;
                }
        return value;
}

/* One "NUMBER[.FRACTION][UNIT]" at *s, which is moved behind it. */
static int take_component(const char **s, usec_t *ret) {
        usec_t whole = 0, fraction = 0, scale = 1;
        const char *begin = *s;

        for (; **s >= '0' && **s <= '9'; (*s)++)
                if (__builtin_mul_overflow(whole, 10U, &whole)
                                || __builtin_add_overflow(whole, (usec_t) (**s - '0'), &whole))
                        return -ERANGE;
        if (*s == begin)
                return -EINVAL;
        if (**s == '.') {
                (*s)++;
                if (**s < '0' || **s > '9')
                        return -EINVAL;
                fraction = take_fraction(s, &scale);
        }

        *s = skip_space(*s);
        const TimeUnit *unit = take_unit(s);
        if (!unit)
                return -EINVAL;

        /* fraction < scale <= 10^6 and a year is 3.2 * 10^13 us: only the product needs a check */
        usec_t part = (usec_t) ((unsigned __int128) fraction * unit->usec / scale);
        if (__builtin_mul_overflow(whole, unit->usec, &whole)
                        || __builtin_add_overflow(whole, part, &whole))
                return -ERANGE;

        *ret = whole;
        return 0;
}

int parse_timespan(const char *s, usec_t *ret) {
        usec_t sum = 0;

        s = skip_space(s);
        if (startswith(s, "infinity") && *skip_space(s + strlen("infinity")) == '\0') {
                *ret = USEC_INFINITY;
                return 0;
        }
        if (*s == '\0')
                return -EINVAL;

        while (*s) {
                usec_t part;
                int r = take_component(&s, &part);
                if (r < 0)
                        return r;
                if (__builtin_add_overflow(sum, part, &sum) || sum == USEC_INFINITY)
                        return -ERANGE;
                s = skip_space(s);
        }

        *ret = sum;
        return 0;
}

const char *format_timespan(char *buffer, size_t size, usec_t span) {
        static const TimeUnit parts[] = {
                { "w", USEC_PER_WEEK },
                { "d", USEC_PER_DAY },
                { "h", USEC_PER_HOUR },
                { "min", USEC_PER_MINUTE },
                { "s", USEC_PER_SEC },
                { "ms", USEC_PER_MSEC },
                { "us", 1 },
        };
        size_t len = 0;

        if (span == USEC_INFINITY || span == 0) {
                (void) snprintf(buffer, size, "%s", span == 0 ? "0" : "infinity");
                return buffer;
        }

        for (size_t i = 0; i < ARRAY_SIZE(parts) && len < size; i++) {
                usec_t n = span / parts[i].usec;
                span %= parts[i].usec;
                if (n == 0)
                        continue;
                int k = snprintf(buffer + len, size - len, "%s%" PRIu64 "%s", len > 0 ? " " : "", n,
                                parts[i].name);
                len += k > 0 ? (size_t) k : 0;
        }
        return buffer;
}

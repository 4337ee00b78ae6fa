/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "quantity.h"

#include <errno.h>

#include "macro.h"

/* DIGITS[.DIGITS] at *s, which is moved behind it: whole part and up to 18 digits of fraction, as
 * numerator over *scale; further digits only count as "not exact". */
static int take_decimal(const char **s, uint64_t *whole, uint64_t *fraction, uint64_t *scale,
                bool *inexact) {
        const char *begin = *s;

        *whole = *fraction = 0;
        *scale = 1;
        *inexact = false;
        for (; **s >= '0' && **s <= '9'; (*s)++)
                if (__builtin_mul_overflow(*whole, 10U, whole)
                                || __builtin_add_overflow(*whole, (unsigned) (**s - '0'), whole))
                        return -ERANGE;
        if (*s == begin)
                return -EINVAL;
        if (**s != '.')
                return 0;

        (*s)++;
        if (**s < '0' || **s > '9')
                return -EINVAL;
        for (; **s >= '0' && **s <= '9'; (*s)++) {
                if (*scale == 1000000000000000000ULL) {
                        *inexact |= **s != '0';
                        continue;
                }
                *fraction = *fraction * 10 + (unsigned) (**s - '0');
                *scale *= 10;
        }
        return 0;
}

int parse_cpu(const char *s, uint64_t *ret_millicores) {
        uint64_t whole, fraction, scale, value;
        bool inexact;

        int r = take_decimal(&s, &whole, &fraction, &scale, &inexact);
        if (r < 0)
                return r;
        if (STREQ(s, "m")) {
                if (scale != 1)
                        return -EINVAL;
                *ret_millicores = whole;
                return 0;
        }
        if (*s != '\0' || scale > 1000 || inexact)
                return -EINVAL;
        if (__builtin_mul_overflow(whole, 1000U, &value)
                        || __builtin_add_overflow(value, fraction * (1000 / scale), &value))
                return -ERANGE;

        *ret_millicores = value;
        return 0;
}

int parse_memory(const char *s, uint64_t *ret_bytes) {
        static const struct {
                const char *suffix;
                uint64_t factor, divisor;
        } units[] = {
                { "", 1, 1 },
                { "m", 1, 1000 },
                { "Ki", 1ULL << 10, 1 },
                { "Mi", 1ULL << 20, 1 },
                { "Gi", 1ULL << 30, 1 },
                { "Ti", 1ULL << 40, 1 },
                { "Pi", 1ULL << 50, 1 },
                { "Ei", 1ULL << 60, 1 },
                { "k", 1000ULL, 1 },
                { "M", 1000000ULL, 1 },
                { "G", 1000000000ULL, 1 },
                { "T", 1000000000000ULL, 1 },
                { "P", 1000000000000000ULL, 1 },
                { "E", 1000000000000000000ULL, 1 },
        };
        uint64_t whole, fraction, scale;
        bool inexact;

        int r = take_decimal(&s, &whole, &fraction, &scale, &inexact);
        if (r < 0)
                return r;

        for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
                if (!STREQ(s, units[i].suffix))
                        continue;

                unsigned __int128 divisor = units[i].divisor;
                unsigned __int128 part = (unsigned __int128) fraction * units[i].factor;
                unsigned __int128 bytes
                                = (unsigned __int128) whole * units[i].factor + part / scale;
                bool more = part % scale != 0 || inexact || bytes % divisor != 0;
                bytes = bytes / divisor + (more ? 1 : 0);
                if (bytes > INT64_MAX)
                        return -ERANGE;

                *ret_bytes = (uint64_t) bytes;
                return 0;
        }
        return -EINVAL;
}

uint64_t cpu_weight(uint64_t millicores) {
        uint64_t weight = millicores > 100000 ? 10000 : (millicores + 5) / 10;
        return weight < 1 ? 1 : weight > 10000 ? 10000 : weight;
}

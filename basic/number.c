/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int parse_u64(const char *s, uint64_t *ret) {
        uint64_t value = 0;

        if (*s == '\0')
                return -EINVAL;
        if (s[strspn(s, "0123456789")] != '\0')
                return -EINVAL;

        for (; *s; s++)
                if (__builtin_mul_overflow(value, 10U, &value)
                                || __builtin_add_overflow(value, (unsigned) (*s - '0'), &value))
                        return -ERANGE;

        *ret = value;
        return 0;
}

int parse_unsigned(const char *s, unsigned *ret) {
        uint64_t value;
        int r = parse_u64(s, &value);
        if (r < 0)
                return r;
        if (value > UINT_MAX)
                return -ERANGE;

        *ret = (unsigned) value;
        return 0;
}

int parse_double(const char *s, double *ret) {
        /* strtod() also takes white space, hexadecimal, "inf" and "nan" */
        if (s[strspn(s, "0123456789.eE+-")] != '\0' || !strpbrk(s, "0123456789"))
                return -EINVAL;

        char *end;
        errno = 0;
        double value = strtod(s, &end);
        if (*end != '\0')
                return -EINVAL;
        if (!isfinite(value))
                return -ERANGE;

        *ret = value;
        return 0;
}

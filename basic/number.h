/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Numbers out of text that others wrote. Strict: the whole string counts, no sign, no white space,
 * no locale. Return 0, -EINVAL (not such a number) or -ERANGE; *ret is written on success only. */

/* Decimal digits only. */
int parse_u64(const char *s, uint64_t *ret);
int parse_unsigned(const char *s, unsigned *ret);

/* DIGITS[.DIGITS] with an optional sign and exponent; never NaN nor infinite. */
int parse_double(const char *s, double *ret);

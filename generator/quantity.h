/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Quantities as Kubernetes writes them, and what systemd's resource-control directives need.
 * Return 0, -EINVAL (not such a quantity) or -ERANGE; *ret is written on success only. */

/* "250m", "0.5", "2" -> thousandths of a core. */
int parse_cpu(const char *s, uint64_t *ret_millicores);

/* "128Mi", "1.5G", "1024", "500m" -> bytes, rounded up. Ki to Ei are powers of 1024, k to E of
 * 1000, m thousandths. */
int parse_memory(const char *s, uint64_t *ret_bytes);

/* CPUWeight= of a request: one core is the kernel's default weight of 100; 1 to 10000. */
uint64_t cpu_weight(uint64_t millicores);

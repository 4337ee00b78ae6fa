/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "macro.h"
#include "timespan.h"

/* CPU and memory use of a worker's slice, per instance, as "Automatic scaling" of the manifest
 * means it: CPU averaged over a minute. The averaging is pure; usage_read_*() read cgroupfs. */

enum { USAGE_N_SAMPLES = 13 }; /* one each five seconds: a minute, and the one before it */

typedef struct UsageSample {
        usec_t at;
        usec_t cpu;       /* CPU time that the slice had used by then */
        double instances; /* instance-microseconds that had run by then */
} UsageSample;

typedef struct Usage {
        UsageSample samples[USAGE_N_SAMPLES]; /* a ring */
        unsigned next, n;
        usec_t before;
        double instances;
} Usage;

/* Takes what is true now. A counter that went back, as that of a slice that was made anew does,
 * begins a new average. */
void usage_add(Usage *u, usec_t now, usec_t cpu, unsigned running);

/* Cores that one running instance used on average. Returns 0, or -ENODATA when too little is known.
 */
int usage_cpu_per_instance(const Usage *u, double *ret);

/* The path below /sys/fs/cgroup of a slice, from its name (systemd.slice(5)) and the path of the
 * root slice, "" on most machines. Returns 0, -EINVAL, or -ENAMETOOLONG. */
int slice_cgroup_path(const char *root, const char *slice, char *buffer, size_t size);

/* Return 0 or negative errno; -ENOENT: the slice has no cgroup, as nothing of it runs. */
int usage_read_cpu(const char *cgroup, usec_t *ret);

/* Bytes in use without the page cache that the kernel can drop, as Kubernetes counts it. */
int usage_read_memory(const char *cgroup, uint64_t *ret);

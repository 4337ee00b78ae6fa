/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "io.h"
#include "number.h"

#define SAMPLE_INTERVAL  (5 * USEC_PER_SEC)
#define AVERAGE_AT_LEAST (5 * USEC_PER_SEC)

enum { FILE_LIMIT = 64 * 1024 };

static const UsageSample *newest(const Usage *u) {
        return &u->samples[(u->next + USAGE_N_SAMPLES - 1) % USAGE_N_SAMPLES];
}

static const UsageSample *oldest(const Usage *u) {
        return &u->samples[(u->next + USAGE_N_SAMPLES - u->n) % USAGE_N_SAMPLES];
}

void usage_add(Usage *u, usec_t now, usec_t cpu, unsigned running) {
        if (u->n > 0 && (cpu < newest(u)->cpu || now < u->before))
                *u = (Usage){ 0 };
        if (u->before > 0)
                u->instances += (double) (now - u->before) * running;
        u->before = now;

        if (u->n > 0 && now - newest(u)->at < SAMPLE_INTERVAL)
                return;
        u->samples[u->next] = (UsageSample){ .at = now, .cpu = cpu, .instances = u->instances };
        u->next = (u->next + 1) % USAGE_N_SAMPLES;
        if (u->n < USAGE_N_SAMPLES)
                u->n++;
}

int usage_cpu_per_instance(const Usage *u, double *ret) {
        if (u->n < 2 || newest(u)->at - oldest(u)->at < AVERAGE_AT_LEAST)
                return -ENODATA;

        double instances = newest(u)->instances - oldest(u)->instances;
        if (!(instances > 0))
                return -ENODATA;

        *ret = (double) (newest(u)->cpu - oldest(u)->cpu) / instances;
        return 0;
}

int slice_cgroup_path(const char *root, const char *slice, char *buffer, size_t size) {
        size_t stem = strlen(slice);
        if (!endswith(slice, ".slice") || stem == strlen(".slice") || *slice == '-'
                        || strchr(slice, '/'))
                return -EINVAL;
        stem -= strlen(".slice");

        int n = snprintf(buffer, size, "/sys/fs/cgroup%s", STREQ(root, "/") ? "" : root);
        if (n < 0 || (size_t) n >= size)
                return -ENAMETOOLONG;
        size_t used = (size_t) n;

        /* a-b-c.slice is a.slice/a-b.slice/a-b-c.slice */
        for (size_t i = 1; i <= stem; i++) {
                if (i < stem && slice[i] != '-')
                        continue;
                if (slice[i - 1] == '-') /* "--", or a dash at an end */
                        return -EINVAL;
                n = snprintf(buffer + used, size - used, "/%.*s.slice", (int) i, slice);
                if (n < 0 || (size_t) n >= size - used)
                        return -ENAMETOOLONG;
                used += (size_t) n;
        }
        return 0;
}

/* Reads CGROUP/NAME, and in it the number behind KEY and a space at the begin of a line; all of the
 * file when key is NULL. */
static int read_number(const char *cgroup, const char *name, const char *key, uint64_t *ret) {
        char path[PATH_MAX];
        CLEANUP(freep) char *text = NULL;

        if (snprintf(path, sizeof(path), "%s/%s", cgroup, name) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        int r = read_file_at(AT_FDCWD, path, FILE_LIMIT, &text, NULL);
        if (r < 0)
                return r;

        char *save = NULL;
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                if (!key)
                        return parse_u64(line, ret);
                if (startswith(line, key) && line[strlen(key)] == ' ')
                        return parse_u64(line + strlen(key) + 1, ret);
        }
        return -ENODATA;
}

int usage_read_cpu(const char *cgroup, usec_t *ret) {
        return read_number(cgroup, "cpu.stat", "usage_usec", ret);
}

int usage_read_memory(const char *cgroup, uint64_t *ret) {
        uint64_t current, cache;

        int r = read_number(cgroup, "memory.current", NULL, &current);
        if (r < 0)
                return r;
        r = read_number(cgroup, "memory.stat", "inactive_file", &cache);
        if (r < 0)
                return r;

        *ret = current > cache ? current - cache : 0;
        return 0;
}

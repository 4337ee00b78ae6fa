/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scaling-section.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "number.h"
#include "unit-section.h"

enum {
        REPLICAS_LIMIT = 10000, /* more processes than a host can bear: a typo */
        MESSAGE_SIZE = 256,
};

static int set_enabled(Scaling *s, const char *value) {
        static const char *const yes[] = { "yes", "true", "on", "1", "y", "t" };
        static const char *const no[] = { "no", "false", "off", "0", "n", "f" };

        for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
                if (strcasecmp(value, yes[i]) == 0 || strcasecmp(value, no[i]) == 0) {
                        s->enabled = strcasecmp(value, yes[i]) == 0;
                        return 0;
                }
        }
        return -EINVAL;
}

static int parse_replicas(const char *value, unsigned *ret) {
        unsigned n;
        int r = parse_unsigned(value, &n);
        if (r < 0)
                return r;
        if (n > REPLICAS_LIMIT)
                return -ERANGE;
        *ret = n;
        return 0;
}

static int set_min_replicas(Scaling *s, const char *value) {
        return parse_replicas(value, &s->policy.min_replicas);
}

static int set_max_replicas(Scaling *s, const char *value) {
        return parse_replicas(value, &s->policy.max_replicas);
}

static int set_target_wait(Scaling *s, const char *value) {
        return parse_timespan(value, &s->policy.target_wait);
}

static int set_scale_down_after(Scaling *s, const char *value) {
        return parse_timespan(value, &s->policy.scale_down_after);
}

static int parse_positive(const char *value, double *ret) {
        double d;
        int r = parse_double(value, &d);
        if (r < 0)
                return r;
        if (d < 0)
                return -ERANGE;
        *ret = d;
        return 0;
}

static int set_target_throughput(Scaling *s, const char *value) {
        return parse_positive(value, &s->policy.target_throughput);
}

/* "80%", "12.5%" */
static int parse_percent(const char *value, double *ret) {
        char number[32];
        size_t n = strlen(value);
        if (n < 2 || n > sizeof(number) || value[n - 1] != '%')
                return -EINVAL;

        memcpy(number, value, n - 1);
        number[n - 1] = '\0';

        double percent;
        int r = parse_positive(number, &percent);
        if (r < 0)
                return r;
        *ret = percent / 100;
        return 0;
}

static int set_target_cpu(Scaling *s, const char *value) {
        return parse_percent(value, &s->policy.target_cpu);
}

static int set_cpu_request(Scaling *s, const char *value) {
        return parse_percent(value, &s->cpu_request);
}

static int set_target_memory(Scaling *s, const char *value) {
        return parse_percent(value, &s->policy.target_memory);
}

static int set_memory_request(Scaling *s, const char *value) {
        return parse_u64(value, &s->memory_request);
}

static int set_slice(Scaling *s, const char *value) {
        /* it becomes a path below /sys/fs/cgroup */
        if (*value && (!endswith(value, ".slice") || strchr(value, '/') || *value == '.'))
                return -EINVAL;

        char *slice = NULL;
        if (*value && !(slice = strdup(value)))
                return -ENOMEM;
        free(s->slice);
        s->slice = slice;
        return 0;
}

/* The backlog plugin is found by the name of its unit; the key tells the reader of the file. */
static int set_backlog(Scaling *s, const char *value) {
        (void) s;
        return *value == '\0' || endswith(value, ".service") ? 0 : -EINVAL;
}

static const struct Key {
        const char *name;
        int (*set)(Scaling *s, const char *value);
        const char *initial; /* also what an empty assignment means */
        const char *expected;
} keys[] = {
        { "Enabled", set_enabled, "yes", "yes or no" },
        { "MinReplicas", set_min_replicas, "1", "a number from 0 to 10000" },
        { "MaxReplicas", set_max_replicas, "0", "a number from 1 to 10000" },
        { "TargetWaitSec", set_target_wait, "0", "a time span, such as 10s" },
        { "ScaleDownAfterSec", set_scale_down_after, "1min", "a time span, such as 1min" },
        { "TargetThroughput", set_target_throughput, "0", "items per second, such as 4.5" },
        { "TargetCPUUtilization", set_target_cpu, "0%", "a percentage, such as 80%" },
        { "CPURequest", set_cpu_request, "0%", "a percentage of one CPU, such as 25%" },
        { "TargetMemoryUtilization", set_target_memory, "0%", "a percentage, such as 120%" },
        { "MemoryRequest", set_memory_request, "0", "a number of bytes" },
        { "Slice", set_slice, "", "the name of a slice unit" },
        { "Backlog", set_backlog, "", "the name of a service unit" },
};

void scaling_init(Scaling *s) {
        *s = (Scaling){ 0 };
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                (void) keys[i].set(s, keys[i].initial);
}

void scaling_done(Scaling *s) {
        free(s->slice);
        s->slice = NULL;
}

typedef struct Reader {
        Scaling *scaling;
        const char *path;
        ScalingWarning warn;
        void *userdata;
} Reader;

static const struct Key *key_find(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                if (STREQ(keys[i].name, name))
                        return &keys[i];
        return NULL;
}

static int handle_assignment(const char *key, const char *value, unsigned line, void *userdata) {
        const Reader *reader = userdata;
        char message[MESSAGE_SIZE];

        reader->scaling->found = true;
        const struct Key *k = key_find(key);
        if (!k) {
                (void) snprintf(message, sizeof(message),
                                "unknown key '%.64s' in [X-Scaling], ignoring", key);
                reader->warn(reader->path, line, message, reader->userdata);
                return 0;
        }

        int r = k->set(reader->scaling, *value ? value : k->initial);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                (void) snprintf(message, sizeof(message), "%s= must be %s, ignoring '%.64s'", key,
                                k->expected, value);
                reader->warn(reader->path, line, message, reader->userdata);
        }
        return 0;
}

int scaling_read(Scaling *s, const char *path, const char *text, ScalingWarning warn,
                void *userdata) {
        Reader reader = { .scaling = s, .path = path, .warn = warn, .userdata = userdata };
        int r = unit_section_parse(text, "X-Scaling", handle_assignment, &reader);
        return r < 0 ? r : 0;
}

void scaling_finish(Scaling *s, const char *path, ScalingWarning warn, void *userdata) {
        Policy *p = &s->policy;
        char message[MESSAGE_SIZE];

        if (p->max_replicas == 0) /* no range was given: nothing to scale */
                p->max_replicas = p->min_replicas;

        /* of the two, the upper bound is the one that protects the host */
        if (p->min_replicas > p->max_replicas) {
                (void) snprintf(message, sizeof(message),
                                "MinReplicas=%u is above MaxReplicas=%u, using %u for both",
                                p->min_replicas, p->max_replicas, p->max_replicas);
                warn(path, 0, message, userdata);
                p->min_replicas = p->max_replicas;
        }

        const struct {
                double *target;
                bool known;
                const char *message;
        } requests[] = {
                { &p->target_cpu, s->cpu_request > 0 && s->slice,
                                "TargetCPUUtilization= needs CPURequest= and Slice=, ignoring" },
                { &p->target_memory, s->memory_request > 0 && s->slice,
                                "TargetMemoryUtilization= needs MemoryRequest= and Slice=, "
                                "ignoring" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
                if (*requests[i].target > 0 && !requests[i].known) {
                        warn(path, 0, requests[i].message, userdata);
                        *requests[i].target = 0;
                }
        }
}

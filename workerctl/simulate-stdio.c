/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "simulate-stdio.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>

#include "number.h"

typedef struct Key {
        const char *name;
        size_t offset;
        Signal signal; /* 0: a count of instances */
} Key;

static const Key keys[] = {
        { "instances", offsetof(Observation, running), 0 },
        { "starting", offsetof(Observation, starting), 0 },
        { "backlog", offsetof(Observation, backlog), SIGNAL_BACKLOG },
        { "completed", offsetof(Observation, completed), SIGNAL_COMPLETED },
        { "arrived", offsetof(Observation, arrived), SIGNAL_ARRIVED },
        { "oldest", offsetof(Observation, oldest), SIGNAL_OLDEST },
        { "busy", offsetof(Observation, busy), SIGNAL_BUSY },
        { "cpu", offsetof(Observation, cpu), SIGNAL_CPU },
        { "memory", offsetof(Observation, memory), SIGNAL_MEMORY },
};

/* Time 0 of a simulation is an hour on our clock, so that no time is 0 or negative. */
#define EPOCH_SEC 3600.0
#define TIME_MAX  1e9

static int store(Observation *o, const char *name, double value) {
        if (STREQ(name, "t")) {
                if (fabs(value) > TIME_MAX)
                        return -EINVAL;
                o->now = (usec_t) llround(fmax(0, value + EPOCH_SEC) * USEC_PER_SEC);
                return 0;
        }
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
                if (!STREQ(name, keys[i].name))
                        continue;
                char *field = (char *) o + keys[i].offset;
                if (keys[i].signal) {
                        *(double *) (void *) field = value;
                        o->known |= keys[i].signal;
                } else
                        *(unsigned *) (void *) field = (unsigned) fmax(0, fmin(value, 1e9));
        }
        return 0;
}

int parse_observation_line(char *line, Observation *ret) {
        Observation o = { .now = USEC_INFINITY };
        char *rest = NULL;

        for (char *word = strtok_r(line, " \t\r\n", &rest); word;
                        word = strtok_r(NULL, " \t\r\n", &rest)) {
                char *equals = strchr(word, '=');
                double value;
                if (!equals)
                        return -EINVAL;
                *equals = '\0';
                int r = parse_double(equals + 1, &value);
                if (r >= 0)
                        r = store(&o, word, value);
                if (r < 0)
                        return -EINVAL;
        }
        if (o.now == USEC_INFINITY)
                return -EINVAL;
        *ret = o;
        return 0;
}

int simulate_stdio(const Policy *p, FILE *in, FILE *out) {
        CLEANUP(policy_state_freep) PolicyState *state = policy_state_new();
        CLEANUP(freep) char *line = NULL;
        Decision decision = { .desired = p->min_replicas };
        unsigned long number = 0;
        size_t allocated = 0;

        if (!state)
                return -ENOMEM;
        while (getline(&line, &allocated, in) >= 0) {
                Observation o;
                number++;
                if (parse_observation_line(line, &o) >= 0)
                        policy_decide(p, state, &o, &decision);
                else
                        fprintf(stderr, "workerctl: line %lu: not an observation, ignoring\n",
                                        number);
                if (fprintf(out, "%u\n", decision.desired) < 0 || fflush(out) != 0)
                        return -errno;
        }
        return ferror(in) ? -EIO : 0;
}

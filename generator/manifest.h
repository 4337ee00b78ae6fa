/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema.h"
#include "yaml-read.h"

/* A Worker manifest as its author meant it: checked, typed, with the place of each value that a
 * later check may complain about. Knows nothing of systemd. Everything lives in the arena of the
 * file, texts included. */

typedef enum Consumption {
        CONSUMPTION_DEFAULT, /* as the stack says */
        CONSUMPTION_ENVIRONMENT,
        CONSUMPTION_PROPERTY_FILE,
        CONSUMPTION_FILE,
} Consumption;

typedef struct Secret Secret;

struct Secret {
        const char *name;
        const char *workspace; /* NULL: the worker's */
        List keys;
        bool all_keys_given, all_keys;
        Consumption consumption;
        Mark mark;
        Mark workspace_mark;
        Secret *next;
};

typedef struct Volume Volume;

struct Volume {
        const char *name;
        const char *directory;
        const char *sub_path; /* NULL: none */
        bool read_only;
        Mark mark;
        Mark directory_mark;
        Mark sub_path_mark;
        Volume *next;
};

/* One entry of "topology". */
typedef struct Step Step;

struct Step {
        const char *name;
        const char *type;
        const char *doc;
        List properties;
        List dependencies;
        Step *next;
};

typedef struct Quantity {
        bool given;
        uint64_t value; /* thousandths of a core, or bytes */
        Mark mark;
} Quantity;

typedef struct Resources {
        Quantity cpu_request, cpu_limit;
        Quantity memory_request, memory_limit;
} Resources;

typedef struct Scaling {
        const Node *node;
        bool given;
        bool disabled;
        bool min_given, max_given;
        unsigned min_replicas, max_replicas;
        unsigned cpu_percentage, memory_percentage; /* of the request; 0: not asked for */
        bool target_wait_given, scale_down_after_given;
        usec_t target_wait, scale_down_after;
        double target_throughput;   /* items/s that one instance is meant to do; 0: learned */
        const char *backlog_plugin; /* NULL: none */
        List backlog_settings;
        Mark mark, min_mark, max_mark, cpu_mark, memory_mark, backlog_mark;
} Scaling;

typedef struct HighAvailability {
        bool given, required;
        const char *level, *mode;
        List tags;
        unsigned replicas; /* 0: not given */
        Mark mark, replicas_mark, tags_mark;
} HighAvailability;

/* A relaxation of the sandbox: the directive's name and the values asked for. */
typedef struct Relaxation Relaxation;

struct Relaxation {
        const char *name;
        List values; /* a single value is a list of one */
        Mark mark;
        Relaxation *next;
};

typedef struct Manifest {
        const Source *source;
        Mark mark;

        const char *name, *version, *workspace;
        const char *description, *owner, *layer;
        List tags; /* of the resource, then of the worker */
        const char *title;
        Mark name_mark, version_mark;
        const Node *worker, *spec; /* v1beta has "worker:", v2alpha "spec:"; NULL: not there */

        const char *stack;
        Mark stack_mark;
        const Node *stack_spec; /* NULL or null: empty */
        Mark stack_spec_mark;
        bool stack_spec_given;
        const char *stack_spec_alias; /* the deprecated name it was given by */

        const char *compute;
        Mark compute_mark;
        unsigned replicas; /* 0: not given */
        Mark replicas_mark;
        const char *log_level;
        List envs, configs;
        bool dry_run;
        const char *run_as_user, *api_key;
        Mark run_as_user_mark, api_key_mark;
        const char *execution_mode;
        Step *topology, *last_step;
        HighAvailability ha;
        Scaling scaling;
        Resources resources;
        Secret *secrets, *last_secret;
        Volume *volumes, *last_volume;
        const char *temp_volume;

        bool drain_timeout_given, watchdog_given, notify;
        usec_t drain_timeout, watchdog;
        Relaxation *relaxations, *last_relaxation;
} Manifest;

/* Reads one document. Problems go to d: errors there mean that the manifest is refused, and that of
 * its fields only name and workspace may be used (NULL when they could not be read).
 * Returns 0 or -ENOMEM. */
int manifest_read(const Source *source, const Document *document, Arena *arena, Diagnostics *d,
                Manifest **ret);

/* The table of the manifest's top level, for the JSON Schema and for tests. */
const Table *manifest_table(void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest-attributes.h"

/* All attributes of a manifest and where their values go: one table for each mapping. */

#define ATTRIBUTE(function, statement)                                                             \
        static void function(Reader *r, const Value *v) {                                          \
                Manifest *m = r->manifest;                                                         \
                statement;                                                                         \
        }

/* Appends a new zeroed entry to one of the manifest's lists. */
#define APPEND(r, type, first, last)                                                               \
        ({                                                                                         \
                type *_entry = arena_new((r)->arena, type);                                        \
                if (!_entry)                                                                       \
                        (r)->out_of_memory = true;                                                 \
                else if (last)                                                                     \
                        (last)->next = _entry;                                                     \
                else                                                                               \
                        (first) = _entry;                                                          \
                if (_entry)                                                                        \
                        (last) = _entry;                                                           \
                _entry;                                                                            \
        })

static void append_all(Reader *r, List *to, const List *from) {
        for (const Item *i = from->first; i; i = i->next)
                if (!list_contains(to, i->text) && list_append(to, r->arena, *i) < 0)
                        r->out_of_memory = true;
}

/* --- dataosSecrets, secrets ------------------------------------------------------------------ */

static void secret_begin(Reader *r, const Value *v) {
        Manifest *m = r->manifest;
        Secret *s = APPEND(r, Secret, m->secrets, m->last_secret);
        if (!s)
                return;
        s->mark = v->mark;
        if (v->string) {
                s->name = v->string;
                s->all_keys_given = s->all_keys = true;
        }
}

static void secret_consumption(Reader *r, const Value *v) {
        Secret *s = r->manifest->last_secret;
        if (s)
                s->consumption = STREQ(v->string, "envVars")    ? CONSUMPTION_ENVIRONMENT
                                 : STREQ(v->string, "propFile") ? CONSUMPTION_PROPERTY_FILE
                                                                : CONSUMPTION_FILE;
}

#define SECRET(function, statement)                                                                \
        static void function(Reader *r, const Value *v) {                                          \
                Secret *s = r->manifest->last_secret;                                              \
                if (s)                                                                             \
                        statement;                                                                 \
        }

SECRET(secret_name, (s->name = v->string, s->mark = v->mark))
SECRET(secret_workspace, (s->workspace = v->string, s->workspace_mark = v->mark))
SECRET(secret_all_keys, (s->all_keys_given = true, s->all_keys = v->boolean))
SECRET(secret_keys, append_all(r, &s->keys, &v->list))
SECRET(secret_key, append_all(r, &s->keys,
                                   &(List){ .first = &(Item){ .text = v->string, .mark = v->mark },
                                                   .n = 1 }))

static const char *const consumptions[] = { "envVars", "propFile", "file", NULL };

static const Attribute secret_attributes[] = {
        { "name", TYPE_STRING, secret_name, .missing = "E-SECRET", .summary = "the Secret" },
        { "workspace", TYPE_STRING, secret_workspace, .summary = "the Secret's workspace" },
        { "key", TYPE_STRING, secret_key, .summary = "one key of it" },
        { "keys", TYPE_STRINGS, secret_keys, .summary = "several keys of it" },
        { "allKeys", TYPE_BOOLEAN, secret_all_keys, .summary = "all keys of it" },
        { "consumptionType", TYPE_ENUM, secret_consumption, .values = consumptions,
                        .any_case = true, .summary = "how the process sees it" },
        { 0 },
};

static const Table secret_table = { "dataosSecrets", secret_attributes };

/* --- dataosVolumes, persistentVolume --------------------------------------------------------- */

static void volume_begin(Reader *r, const Value *v) {
        Volume *n = APPEND(r, Volume, r->manifest->volumes, r->manifest->last_volume);
        if (n)
                n->mark = v->mark;
}

#define VOLUME(function, statement)                                                                \
        static void function(Reader *r, const Value *v) {                                          \
                Volume *n = r->manifest->last_volume;                                              \
                if (n)                                                                             \
                        statement;                                                                 \
        }

VOLUME(volume_name, (n->name = v->string, n->mark = v->mark))
VOLUME(volume_directory, (n->directory = v->string, n->directory_mark = v->mark))
VOLUME(volume_sub_path, (n->sub_path = v->string, n->sub_path_mark = v->mark))
VOLUME(volume_read_only, n->read_only = v->boolean)

static const Attribute volume_attributes[] = {
        { "name", TYPE_STRING, volume_name, .missing = "E-VOLUMES", .summary = "the volume" },
        { "directory", TYPE_STRING, volume_directory, .missing = "E-VOLUMES",
                        .summary = "where the worker sees it" },
        { "readOnly", TYPE_BOOLEAN, volume_read_only, .summary = "whether it can't be written" },
        { "subPath", TYPE_STRING, volume_sub_path, .summary = "the part of the volume to show" },
        { 0 },
};

static const Table volume_table = { "dataosVolumes", volume_attributes };

/* --- topology -------------------------------------------------------------------------------- */

static void step_begin(Reader *r, const Value *v) {
        (void) v;
        (void) APPEND(r, Step, r->manifest->topology, r->manifest->last_step);
}

#define STEP(function, statement)                                                                  \
        static void function(Reader *r, const Value *v) {                                          \
                Step *s = r->manifest->last_step;                                                  \
                if (s)                                                                             \
                        statement;                                                                 \
        }

STEP(step_name, s->name = v->string)
STEP(step_type, s->type = v->string)
STEP(step_doc, s->doc = v->string)
STEP(step_properties, s->properties = v->list)
STEP(step_dependencies, s->dependencies = v->list)

static const Attribute step_attributes[] = {
        { "name", TYPE_STRING, step_name, .summary = "name of the step" },
        { "type", TYPE_STRING, step_type, .summary = "kind of the step" },
        { "doc", TYPE_STRING, step_doc, .summary = "where it is described" },
        { "properties", TYPE_SETTINGS, step_properties, .lists = true, .summary = "informational" },
        { "dependencies", TYPE_STRINGS, step_dependencies,
                        .summary = "workers of this workspace that start before" },
        { 0 },
};

static const Table step_table = { "topology", step_attributes };

/* --- highAvailabilityConfig ------------------------------------------------------------------ */

ATTRIBUTE(ha_begin, (m->ha.given = true, m->ha.mark = v->key->mark))
ATTRIBUTE(ha_level, m->ha.level = v->string)
ATTRIBUTE(ha_mode, (m->ha.mode = v->string, m->ha.required = STREQ(v->string, "required")))
ATTRIBUTE(ha_tags, (m->ha.tags = v->list, m->ha.tags_mark = v->key->mark))
ATTRIBUTE(ha_replicas, (m->ha.replicas = (unsigned) v->integer, m->ha.replicas_mark = v->key->mark))

static const char *const ha_levels[] = { "hostname", "zone", "region", NULL };
static const char *const ha_modes[] = { "preferred", "required", NULL };

static const Attribute ha_attributes[] = {
        { "level", TYPE_ENUM, ha_level, .values = ha_levels,
                        .summary = "what instances are kept apart by" },
        { "mode", TYPE_ENUM, ha_mode, .values = ha_modes, .summary = "whether that is a must" },
        { "tags", TYPE_STRINGS, ha_tags, .summary = "informational" },
        { "replicas", TYPE_INTEGER, ha_replicas, .min = 1, .max = REPLICAS_MAX,
                        .summary = "used when worker.replicas is absent" },
        { 0 },
};

static const Table ha_table = { "highAvailabilityConfig", ha_attributes };

/* --- autoScaling ----------------------------------------------------------------------------- */

static void scaling_begin(Reader *r, const Value *v) {
        Scaling *s = &r->manifest->scaling;
        if (s->given)
                diagnose_error(r->diagnostics, "E-TWICE", v->key->mark,
                                "both 'autoScaling' and 'autoscaling': they are two spellings of "
                                "one attribute; keep one");
        s->given = true;
        s->node = v->node;
        s->mark = v->key->mark;
}

static void scaling_backlog(Reader *r, const Value *v) {
        Scaling *s = &r->manifest->scaling;
        s->backlog_mark = v->key->mark;

        for (const Item *i = v->list.first; i; i = i->next)
                if (STREQ(i->name, "plugin"))
                        s->backlog_plugin = i->text;
                else if (list_append(&s->backlog_settings, r->arena, *i) < 0)
                        r->out_of_memory = true;
}

ATTRIBUTE(scaling_enabled, m->scaling.disabled = !v->boolean)
ATTRIBUTE(scaling_min, (m->scaling.min_replicas = (unsigned) v->integer,
                                       m->scaling.min_given = true, m->scaling.min_mark = v->mark))
ATTRIBUTE(scaling_max, (m->scaling.max_replicas = (unsigned) v->integer,
                                       m->scaling.max_given = true, m->scaling.max_mark = v->mark))
ATTRIBUTE(scaling_cpu,
                (m->scaling.cpu_percentage = (unsigned) v->integer, m->scaling.cpu_mark = v->mark))
ATTRIBUTE(scaling_memory, (m->scaling.memory_percentage = (unsigned) v->integer,
                                          m->scaling.memory_mark = v->mark))
ATTRIBUTE(scaling_wait, (m->scaling.target_wait = v->timespan, m->scaling.target_wait_given = true))
ATTRIBUTE(scaling_down, (m->scaling.scale_down_after = v->timespan,
                                        m->scaling.scale_down_after_given = true))
ATTRIBUTE(scaling_throughput, m->scaling.target_throughput = v->number)

static const Attribute scaling_attributes[] = {
        { "enabled", TYPE_BOOLEAN, scaling_enabled, .summary = "false: policy kept, not applied" },
        { "minReplicas", TYPE_INTEGER, scaling_min, .max = REPLICAS_MAX,
                        .summary = "fewest instances; 0 where the backlog can be seen" },
        { "maxReplicas", TYPE_INTEGER, scaling_max, .min = 1, .max = REPLICAS_MAX,
                        .summary = "most instances" },
        { "targetCPUUtilizationPercentage", TYPE_INTEGER, scaling_cpu, .min = 1, .max = 100000,
                        .summary = "wanted CPU use in percent of resources.requests.cpu" },
        { "targetMemoryUtilizationPercentage", TYPE_INTEGER, scaling_memory, .min = 1,
                        .max = 100000,
                        .summary = "wanted memory use in percent of resources.requests.memory" },
        { "targetWait", TYPE_TIMESPAN, scaling_wait, .summary = "the longest an item should wait" },
        { "targetThroughput", TYPE_NUMBER, scaling_throughput,
                        .summary = "items per second that one instance is meant to do" },
        { "scaleDownAfter", TYPE_TIMESPAN, scaling_down,
                        .summary = "the longest that an instance which is not needed is kept" },
        { "backlog", TYPE_SETTINGS, scaling_backlog, .lists = true,
                        .summary = "the plugin that sees the queue, and its settings" },
        { 0 },
};

static const Table scaling_table = { "autoScaling", scaling_attributes };

/* --- resources ------------------------------------------------------------------------------- */

#define QUANTITY(v) ((Quantity){ true, (v)->integer, (v)->mark })

ATTRIBUTE(request_cpu, m->resources.cpu_request = QUANTITY(v))
ATTRIBUTE(request_memory, m->resources.memory_request = QUANTITY(v))
ATTRIBUTE(limit_cpu, m->resources.cpu_limit = QUANTITY(v))
ATTRIBUTE(limit_memory, m->resources.memory_limit = QUANTITY(v))

static const Attribute request_attributes[] = {
        { "cpu", TYPE_CPU, request_cpu, .summary = "share of CPU time: CPUWeight=" },
        { "memory", TYPE_MEMORY, request_memory, .summary = "protected memory: MemoryLow=" },
        { 0 },
};
static const Attribute limit_attributes[] = {
        { "cpu", TYPE_CPU, limit_cpu, .summary = "most CPU time: CPUQuota=" },
        { "memory", TYPE_MEMORY, limit_memory, .summary = "most memory: MemoryMax=" },
        { 0 },
};
static const Table request_table = { "requests", request_attributes };
static const Table limit_table = { "limits", limit_attributes };

static const Attribute resource_attributes[] = {
        { "requests", TYPE_MAPPING, NULL, &request_table,
                        .summary = "what an instance normally needs" },
        { "limits", TYPE_MAPPING, NULL, &limit_table, .summary = "what an instance can't exceed" },
        { 0 },
};
static const Table resource_table = { "resources", resource_attributes };

/* --- sandbox --------------------------------------------------------------------------------- */

static void relaxation(Reader *r, const Value *v) {
        Relaxation *x = APPEND(
                        r, Relaxation, r->manifest->relaxations, r->manifest->last_relaxation);
        if (!x)
                return;

        x->name = v->key->text;
        x->mark = v->mark;
        x->values = v->list;
        if (v->list.n == 0 && v->node->kind == NODE_SCALAR
                        && list_append(&x->values, r->arena,
                                           (Item){ .text = v->node->text, .mark = v->mark })
                                           < 0)
                r->out_of_memory = true;
}

static const char *const networks[] = { "none", "tcp", "host", NULL };
static const char *const binds[] = { "none", "ephemeral", NULL };
static const char *const users[] = { "worker", "instance", NULL };
static const char *const proc_subsets[] = { "pid", "all", NULL };
static const char *const protect_procs[]
                = { "invisible", "noaccess", "ptraceable", "default", NULL };

static const Attribute sandbox_attributes[] = {
        { "network", TYPE_ENUM, relaxation, .values = networks,
                        .summary = "none: no network at all; tcp: streams only" },
        { "bind", TYPE_ENUM, relaxation, .values = binds,
                        .summary = "ephemeral: bind(2) is allowed, for clients that need it" },
        { "jit", TYPE_BOOLEAN, relaxation, .summary = "true: the runtime compiles to memory" },
        { "landlock", TYPE_BOOLEAN, relaxation,
                        .summary = "false: signals, abstract sockets, writes to /proc" },
        { "user", TYPE_ENUM, relaxation, .values = users,
                        .summary = "instance: a dynamic user for each instance" },
        { "ReadWritePaths", TYPE_STRINGS, relaxation, .summary = "host paths that can be written" },
        { "ReadOnlyPaths", TYPE_STRINGS, relaxation, .summary = "host paths that can be read" },
        { "ExecPaths", TYPE_STRINGS, relaxation,
                        .summary = "host paths whose files can be executed" },
        { "MemoryDenyWriteExecute", TYPE_BOOLEAN, relaxation, .summary = "false: as jit" },
        { "LockPersonality", TYPE_BOOLEAN, relaxation,
                        .summary = "false: personality(2) is allowed" },
        { "ProtectClock", TYPE_BOOLEAN, relaxation, .summary = "false: rtc devices can be read" },
        { "ProtectHostname", TYPE_BOOLEAN, relaxation, .summary = "false: no UTS namespace" },
        { "PrivateUsers", TYPE_BOOLEAN, relaxation, .summary = "false: no user namespace" },
        { "PrivateIPC", TYPE_BOOLEAN, relaxation, .summary = "false: the host's System V IPC" },
        { "ProcSubset", TYPE_ENUM, relaxation, .values = proc_subsets,
                        .summary = "all: /proc/meminfo and the like are there" },
        { "ProtectProc", TYPE_ENUM, relaxation, .values = protect_procs,
                        .summary = "which processes /proc shows" },
        { "RestrictAddressFamilies", TYPE_STRINGS, relaxation,
                        .summary = "further address families, such as AF_NETLINK" },
        { "IPAddressAllow", TYPE_STRINGS, relaxation,
                        .summary = "the only addresses there are: all others are denied" },
        { "SystemCallFilter", TYPE_STRINGS, relaxation,
                        .summary = "further system calls (NAME, @GROUP), or fewer (~NAME)" },
        { 0 },
};
static const Table sandbox_table = { "sandbox", sandbox_attributes };

/* --- worker ---------------------------------------------------------------------------------- */

static void worker_spec(Reader *r, const Value *v) {
        Manifest *m = r->manifest;
        bool alias = !STREQ(v->key->text, "stackSpec");

        if (m->stack_spec_given)
                diagnose_error(r->diagnostics, "E-TWICE", v->key->mark,
                                "both 'stackSpec' and '%s': they are one attribute; keep "
                                "'stackSpec'",
                                alias                 ? v->key->text
                                : m->stack_spec_alias ? m->stack_spec_alias
                                                      : "stackSpec");
        m->stack_spec_given = true;
        m->stack_spec = node_is_null(v->node) ? NULL : v->node;
        m->stack_spec_mark = v->key->mark;
        m->stack_spec_alias = alias ? v->key->text : m->stack_spec_alias;
}

static void worker_log_level(Reader *r, const Value *v) {
        r->manifest->log_level = STREQ(v->string, "WARN") ? "WARNING" : v->string;
}

ATTRIBUTE(worker_stack, (m->stack = v->string, m->stack_mark = v->mark))
ATTRIBUTE(worker_compute, (m->compute = v->string, m->compute_mark = v->mark))
ATTRIBUTE(worker_replicas, (m->replicas = (unsigned) v->integer, m->replicas_mark = v->mark))
ATTRIBUTE(worker_title, m->title = v->string)
ATTRIBUTE(add_tags, append_all(r, &m->tags, &v->list))
ATTRIBUTE(worker_envs, m->envs = v->list)
ATTRIBUTE(worker_configs, m->configs = v->list)
ATTRIBUTE(worker_dry_run, m->dry_run = v->boolean)
ATTRIBUTE(worker_run_as_user, (m->run_as_user = v->string, m->run_as_user_mark = v->mark))
ATTRIBUTE(worker_api_key, (m->api_key = v->string, m->api_key_mark = v->mark))
ATTRIBUTE(worker_temp_volume, m->temp_volume = v->string)
ATTRIBUTE(worker_execution_mode, m->execution_mode = v->string)
ATTRIBUTE(worker_drain_timeout, (m->drain_timeout = v->timespan, m->drain_timeout_given = true))
ATTRIBUTE(worker_watchdog, (m->watchdog = v->timespan, m->watchdog_given = true))
ATTRIBUTE(worker_notify, m->notify = v->boolean)

static const char *const log_levels[] = { "DEBUG", "INFO", "WARN", "WARNING", "ERROR", NULL };
static const char no_ingress[] = "a worker has no ingress and can't listen; remove it, or run what "
                                 "serves requests as a service with a socket unit";

#define DEPRECATED_SPEC(name)                                                                      \
        { name, TYPE_SPEC, worker_spec, .summary = "deprecated name of stackSpec" }
#define INGRESS(name)                                                                              \
        { name, TYPE_REFUSED, NULL, .message = no_ingress }

static const Attribute worker_attributes[] = {
        { "title", TYPE_STRING, worker_title, .summary = "preferred text of Description=" },
        { "tags", TYPE_STRINGS, add_tags, .summary = "appended to the tags of the resource" },
        { "replicas", TYPE_INTEGER, worker_replicas, .min = 1, .max = REPLICAS_MAX,
                        .summary = "number of instances" },
        { "autoScaling", TYPE_MAPPING, scaling_begin, &scaling_table,
                        .summary = "how the number of instances follows the work" },
        { "autoscaling", TYPE_MAPPING, scaling_begin, &scaling_table,
                        .summary = "another spelling of autoScaling" },
        { "stack", TYPE_STRING, worker_stack, .missing = "E-NO-STACK",
                        .summary = "what runs it: NAME[+FLAVOR][:VERSION]" },
        { "stackSpec", TYPE_SPEC, worker_spec, .summary = "the stack's configuration" },
        { "logLevel", TYPE_ENUM, worker_log_level, .values = log_levels, .any_case = true,
                        .summary = "LOG_LEVEL of the process" },
        { "envs", TYPE_SETTINGS, worker_envs, .summary = "environment variables" },
        { "configs", TYPE_SETTINGS, worker_configs,
                        .summary = "files in the configuration directory" },
        { "resources", TYPE_MAPPING, NULL, &resource_table, .summary = "per instance" },
        { "runAsUser", TYPE_STRING, worker_run_as_user, .summary = "User= of the instances" },
        { "runAsApiKey", TYPE_STRING, worker_api_key, .summary = "given as a credential" },
        { "dryRun", TYPE_BOOLEAN, worker_dry_run, .summary = "units are written, nothing starts" },
        { "compute", TYPE_STRING, worker_compute,
                        .summary = "resource profile of the worker's slice" },
        { "dataosSecrets", TYPE_LIST, secret_begin, &secret_table, .summary = "credentials" },
        { "secrets", TYPE_NAMES, secret_begin, &secret_table, .deprecated = "W-SECRETS-DEPRECATED",
                        .replacement = "dataosSecrets", .summary = "deprecated: dataosSecrets" },
        { "dataosVolumes", TYPE_LIST, volume_begin, &volume_table, .summary = "directories" },
        { "persistentVolume", TYPE_MAPPING, volume_begin, &volume_table,
                        .summary = "one more directory" },
        { "tempVolume", TYPE_STRING, worker_temp_volume,
                        .summary = "an empty directory in memory" },
        { "topology", TYPE_LIST, step_begin, &step_table,
                        .summary = "informational, and ordering" },
        { "highAvailabilityConfig", TYPE_MAPPING, ha_begin, &ha_table,
                        .summary = "on one host: a check" },
        { "executionMode", TYPE_STRING, worker_execution_mode, .summary = "informational" },
        { "drainTimeout", TYPE_TIMESPAN, worker_drain_timeout,
                        .summary = "time to finish after SIGTERM: TimeoutStopSec=" },
        { "notify", TYPE_BOOLEAN, worker_notify,
                        .summary = "true: the worker says when it is ready" },
        { "watchdog", TYPE_TIMESPAN, worker_watchdog, .summary = "WatchdogSec=, with notify" },
        { "sandbox", TYPE_MAPPING, NULL, &sandbox_table, .summary = "relaxations of the sandbox" },
        DEPRECATED_SPEC("flare"),
        DEPRECATED_SPEC("bento"),
        DEPRECATED_SPEC("benthos"),
        DEPRECATED_SPEC("beacon"),
        DEPRECATED_SPEC("scanner"),
        DEPRECATED_SPEC("container"),
        DEPRECATED_SPEC("alpha"),
        DEPRECATED_SPEC("toolbox"),
        INGRESS("port"),
        INGRESS("ports"),
        INGRESS("servicePort"),
        INGRESS("servicePorts"),
        INGRESS("targetPort"),
        INGRESS("ingress"),
        INGRESS("hostname"),
        { 0 },
};

static const Table worker_table = { "worker", worker_attributes };

/* --- the resource ---------------------------------------------------------------------------- */

static void meta_name(Reader *r, const Value *v) {
        Manifest *m = r->manifest;
        m->name_mark = v->mark;
        if (!worker_name_is_valid(v->string)) {
                diagnose_error(r->diagnostics, "E-NAME", v->mark,
                                "'%s' is not a valid name: expected 2 to %d characters a-z, 0-9 "
                                "and '-', the first and the last not '-'",
                                v->string, WORKER_NAME_MAX);
                return;
        }
        m->name = v->string;
}

static void meta_workspace(Reader *r, const Value *v) {
        if (!workspace_is_valid(v->string)) {
                diagnose_error(r->diagnostics, "E-WORKSPACE", v->mark,
                                "'%s' is not a valid workspace: expected 1 to %d characters a-z, "
                                "0-9 and '-', the first a letter, the last not '-'",
                                v->string, WORKSPACE_MAX);
                r->manifest->workspace = NULL;
                return;
        }
        r->manifest->workspace = v->string;
}

static void meta_title(Reader *r, const Value *v) {
        diagnose_warning(r->diagnostics, "W-META-TITLE", v->key->mark,
                        "'title' at this level: it belongs below 'worker' and is used only when "
                        "there is none there");
        if (!r->manifest->title)
                r->manifest->title = v->string;
}

ATTRIBUTE(meta_version, (m->version = v->string, m->version_mark = v->mark))
ATTRIBUTE(meta_description, m->description = v->string)
ATTRIBUTE(meta_owner, m->owner = v->string)
ATTRIBUTE(meta_layer, m->layer = v->string)

static const char *const versions[] = { "v1beta", "v2alpha", NULL };
static const char *const types[] = { "worker", NULL };
static const char *const layers[] = { "user", "system", NULL };

static const Attribute meta_attributes[] = {
        { "name", TYPE_STRING, meta_name, .missing = "E-NO-NAME", .summary = "name of the worker" },
        { "version", TYPE_ENUM, meta_version, .values = versions, .missing = "E-NO-VERSION",
                        .summary = "version of the manifest format" },
        { "type", TYPE_ENUM, NULL, .values = types, .missing = "E-NO-TYPE",
                        .summary = "always worker" },
        { "workspace", TYPE_STRING, meta_workspace,
                        .summary = "prefix of the units; default public" },
        { "tags", TYPE_STRINGS, add_tags, .summary = "informational" },
        { "description", TYPE_STRING, meta_description, .summary = "what it does" },
        { "owner", TYPE_STRING, meta_owner, .summary = "informational; grants nothing" },
        { "layer", TYPE_ENUM, meta_layer, .values = layers, .summary = "informational" },
        { "title", TYPE_STRING, meta_title, .summary = "misplaced: belongs below worker" },
        { "worker", TYPE_MAPPING, NULL, &worker_table, .summary = "the worker (v1beta)" },
        { "spec", TYPE_MAPPING, NULL, &worker_table, .summary = "the worker (v2alpha)" },
        { 0 },
};

static const Table meta_table = { "the manifest", meta_attributes };

const Table *manifest_table(void) {
        return &meta_table;
}

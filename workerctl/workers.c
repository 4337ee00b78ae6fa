/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "workers.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/stat.h>

#include "bus.h"
#include "policy-source.h"

typedef struct Gathering {
        WorkerTable *table;
        char **patterns;
} Gathering;

void worker_table_done(WorkerTable *t) {
        for (size_t i = 0; i < t->n; i++) {
                free(t->workers[i].instances);
                scaling_done(&t->workers[i].scaling);
        }
        free(t->workers);
        *t = (WorkerTable){ 0 };
}

static bool is_wanted(char **patterns, const char *id) {
        if (!patterns || !*patterns)
                return true;
        for (; *patterns; patterns++)
                if (fnmatch(*patterns, id, 0) == 0)
                        return true;
        return false;
}

static WorkerInfo *find_worker(WorkerTable *t, const char *id) {
        /* systemd lists in no order, and units of one worker are seldom together */
        for (size_t i = t->n; i > 0; i--)
                if (STREQ(t->workers[i - 1].id, id))
                        return &t->workers[i - 1];

        WorkerInfo *more = reallocarray(t->workers, t->n + 1, sizeof(WorkerInfo));
        if (!more)
                return NULL;
        t->workers = more;
        WorkerInfo *w = &more[t->n++];
        *w = (WorkerInfo){ 0 };
        (void) snprintf(w->id, sizeof(w->id), "%s", id);
        scaling_init(&w->scaling);
        return w;
}

static int add_instance(WorkerInfo *w, unsigned number, const BusUnit *u) {
        if (STREQ(u->active, "inactive"))
                return 0;

        InstanceInfo *more = reallocarray(w->instances, w->n_instances + 1, sizeof(*more));
        if (!more)
                return -ENOMEM;
        w->instances = more;
        InstanceInfo *i = &more[w->n_instances++];
        *i = (InstanceInfo){ .number = number, .orphaned = STREQ(u->load, "not-found") };
        (void) snprintf(i->active, sizeof(i->active), "%s", u->active);
        (void) snprintf(i->sub, sizeof(i->sub), "%s", u->sub);
        return 0;
}

/* What the generator makes of a manifest with errors: worker-ID-refused.service */
static bool parse_refused_unit(const char *unit, char *id) {
        static const char suffix[] = "-refused.service";
        const size_t around = strlen("worker-") + strlen(suffix);
        if (strlen(unit) <= around || !endswith(unit, suffix) || strchr(unit, '@'))
                return false;

        size_t length = strlen(unit) - around;
        (void) snprintf(id, UNIT_NAME_MAX + 1, "%.*s", (int) length, unit + strlen("worker-"));
        return true;
}

static int take_unit(const BusUnit *u, void *userdata) {
        Gathering *g = userdata;
        char id[UNIT_NAME_MAX + 1];
        unsigned number = 0;
        bool target = parse_target_unit(u->name, id) >= 0;

        bool refused = !target && parse_refused_unit(u->name, id);

        if (!target && !refused && parse_instance_unit(u->name, id, &number) < 0)
                return 0;
        if (!is_wanted(g->patterns, id))
                return 0;
        if (STREQ(u->load, "not-found") && STREQ(u->active, "inactive"))
                return 0; /* only named by another unit */

        WorkerInfo *w = find_worker(g->table, id);
        if (!w)
                return -ENOMEM;
        if (refused)
                w->refused = true;
        if (refused || !target)
                return refused ? 0 : add_instance(w, number, u);
        w->target_exists = !STREQ(u->load, "not-found");
        (void) snprintf(w->active, sizeof(w->active), "%s", u->active);
        return 0;
}

/* --- policy ---------------------------------------------------------------------------------- */

/* worker-scaler has told it in the journal already */
static void be_silent(const char *path, unsigned line, const char *message, void *userdata) {
        (void) path;
        (void) line;
        (void) message;
        (void) userdata;
}

static void read_policy(sd_bus *bus, WorkerInfo *w) {
        char unit[UNIT_NAME_MAX + sizeof("worker-.target")];

        (void) snprintf(unit, sizeof(unit), "worker-%s.target", w->id);
        (void) policy_from_unit(bus, unit, be_silent, &w->scaling);
}

/* --- age ------------------------------------------------------------------------------------- */

/* When a file was last made or changed: a package keeps the time of modification, not this one. */
static usec_t changed_at(const char *path) {
        struct stat st;
        if (!*path || stat(path, &st) < 0)
                return 0;
        return (usec_t) st.st_ctim.tv_sec * USEC_PER_SEC
               + (usec_t) st.st_ctim.tv_nsec / NSEC_PER_USEC;
}

static usec_t latest(usec_t a, usec_t b) {
        return a > b ? a : b;
}

/* units/worker-update-helper notes it when a new generator writes a template in another way. */
static usec_t template_changed_at(const char *id) {
        char path[UNIT_NAME_MAX + sizeof("/run/workers/changed/worker-@.service")];

        (void) snprintf(path, sizeof(path), "/run/workers/changed/worker-%s@.service", id);
        return changed_at(path);
}

/* The manifest where there is one, as the generator writes the unit anew with each reload. */
static usec_t source_changed_at(sd_bus *bus, const char *id, const char *unit) {
        CLEANUP(freep) char *source = NULL;
        CLEANUP(freep) char *fragment = NULL;
        CLEANUP(strings_freep) char **drop_ins = NULL;
        usec_t at = template_changed_at(id);

        if (bus_get_string(bus, unit, BUS_UNIT, "SourcePath", &source) >= 0 && *source)
                at = latest(at, changed_at(source));
        else if (bus_get_string(bus, unit, BUS_UNIT, "FragmentPath", &fragment) >= 0)
                at = latest(at, changed_at(fragment));
        if (bus_get_strings(bus, unit, BUS_UNIT, "DropInPaths", &drop_ins) >= 0)
                for (char **d = drop_ins; d && *d; d++)
                        at = latest(at, changed_at(*d));
        return at;
}

static void read_ages(sd_bus *bus, WorkerInfo *w, usec_t booted) {
        char unit[UNIT_NAME_MAX + sizeof("worker-@4294967295.service")];
        usec_t source = 0;

        for (InstanceInfo *i = w->instances; i < w->instances + w->n_instances; i++) {
                usec_t started = 0;

                (void) snprintf(unit, sizeof(unit), "worker-%s@%u.service", w->id, i->number);
                if (i->orphaned || STREQ(i->active, "failed"))
                        continue;
                if (source == 0)
                        source = source_changed_at(bus, w->id, unit);
                if (source <= booted) /* most of the time: no instance is as old as that */
                        return;
                if (bus_get_number(bus, unit, BUS_SERVICE, "ExecMainStartTimestamp", 't', &started)
                                >= 0)
                        i->outdated = started > 0 && started < source;
        }
}

/* 0 when it is not known. */
static usec_t boot_time(sd_bus *bus) {
        usec_t at = 0;
        (void) sd_bus_get_property_trivial(bus, "org.freedesktop.systemd1",
                        "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                        "UserspaceTimestamp", NULL, 't', &at);
        return at;
}

/* --- the table ------------------------------------------------------------------------------- */

static int compare_workers(const void *a, const void *b) {
        return strcmp(((const WorkerInfo *) a)->id, ((const WorkerInfo *) b)->id);
}

static int compare_instances(const void *a, const void *b) {
        unsigned x = ((const InstanceInfo *) a)->number, y = ((const InstanceInfo *) b)->number;
        return (x > y) - (x < y);
}

int worker_table_read(sd_bus *bus, char **patterns, WorkerTable *ret) {
        CLEANUP(worker_table_done) WorkerTable t = { 0 };
        Gathering g = { &t, patterns };

        int r = bus_list_units(bus, take_unit, &g);
        if (r < 0)
                return r;

        if (t.n > 0)
                qsort(t.workers, t.n, sizeof(WorkerInfo), compare_workers);
        usec_t booted = boot_time(bus);
        for (WorkerInfo *w = t.workers; w < t.workers + t.n; w++) {
                if (w->n_instances > 0)
                        qsort(w->instances, w->n_instances, sizeof(InstanceInfo),
                                        compare_instances);
                if (w->target_exists)
                        read_policy(bus, w);
                read_ages(bus, w, booted);
        }
        *ret = t;
        t = (WorkerTable){ 0 };
        return 0;
}

WorkerCount worker_info_count(const WorkerInfo *w) {
        WorkerCount c = { 0 };
        for (const InstanceInfo *i = w->instances; i < w->instances + w->n_instances; i++) {
                if (STREQ(i->active, "active") || STREQ(i->active, "reloading"))
                        c.running++;
                else if (STREQ(i->active, "failed") || startswith(i->sub, "auto-restart"))
                        c.failed++;
                else if (STREQ(i->active, "activating"))
                        c.starting++;
                else if (STREQ(i->active, "deactivating"))
                        c.stopping++;
                c.orphaned += i->orphaned;
                c.outdated += i->outdated;
        }
        return c;
}

const char *worker_info_state(const WorkerInfo *w) {
        if (!w->target_exists)
                return "orphaned";
        if (w->refused)
                return "refused";
        return w->active;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fleet.h"

void fleet_done(Fleet *f) {
        free(f->instances);
        *f = (Fleet){ 0 };
}

/* Where number is or belongs. */
static size_t position(const Fleet *f, unsigned number) {
        size_t low = 0, high = f->n;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (f->instances[middle].number < number)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

Instance *fleet_find(Fleet *f, unsigned number) {
        size_t p = position(f, number);
        return p < f->n && f->instances[p].number == number ? &f->instances[p] : NULL;
}

Instance *fleet_add(Fleet *f, unsigned number) {
        Instance *i = fleet_find(f, number);
        if (i)
                return i;

        if (f->n == f->allocated) {
                /* half as many again: of most workers the last growth is the one that stays */
                size_t allocated = f->allocated ? f->allocated + (f->allocated + 1) / 2 : 2;
                i = reallocarray(f->instances, allocated, sizeof(Instance));
                if (!i)
                        return NULL;
                f->instances = i;
                f->allocated = allocated;
        }

        size_t p = position(f, number);
        i = &f->instances[p];
        memmove(i + 1, i, (f->n - p) * sizeof(Instance));
        f->n++;
        *i = (Instance){ .number = number };
        return i;
}

static InstanceState state_from_strings(const char *active, const char *sub) {
        static const struct {
                const char *active;
                InstanceState state;
        } states[] = {
                { "active", INSTANCE_RUNNING },
                { "reloading", INSTANCE_RUNNING },
                { "refreshing", INSTANCE_RUNNING },
                { "activating", INSTANCE_STARTING },
                { "deactivating", INSTANCE_STOPPING },
                { "failed", INSTANCE_FAILED },
        };

        /* auto-restart, auto-restart-queued */
        if (STREQ(active, "activating") && sub && startswith(sub, "auto-restart"))
                return INSTANCE_RESTARTING;
        for (size_t i = 0; i < ARRAY_SIZE(states); i++)
                if (STREQ(active, states[i].active))
                        return states[i].state;
        return INSTANCE_STOPPED;
}

/* Somebody has asked for its end. When it then had to be killed, as it ignores SIGTERM, systemd
 * calls it failed, but that says nothing about starting it. */
static bool is_being_stopped(const Instance *i) {
        return i->asked == ASKED_STOP || (i->asked == ASKED_NOTHING && i->has_job && !i->returns);
}

void instance_update(
                Instance *i, const char *load, const char *active, const char *sub, usec_t now) {
        if (load)
                i->masked = STREQ(load, "masked");
        if (!active)
                return;

        InstanceState before = i->state;
        i->state = state_from_strings(active, sub);
        if (i->state != before) {
                /* why it restarts is asked for; until the answer is there it is not held against it
                 */
                if (i->state == INSTANCE_RESTARTING || i->state == INSTANCE_STOPPED)
                        i->failed = false;
                if (i->state == INSTANCE_FAILED && is_being_stopped(i))
                        i->failed = false;
                else if (i->state == INSTANCE_FAILED)
                        instance_failed(i, now);
                if (i->state == INSTANCE_RUNNING)
                        i->runs_since = now;
        }

        /* what was asked for has come about */
        if ((i->asked == ASKED_START && i->state == INSTANCE_RUNNING)
                        || (i->asked == ASKED_STOP
                                        && (i->state == INSTANCE_STOPPED
                                                        || i->state == INSTANCE_FAILED)))
                i->asked = ASKED_NOTHING;

        /* what a process said of itself ends with it */
        if (i->state != INSTANCE_RUNNING && i->state != INSTANCE_STARTING)
                i->gauges_known = 0;
}

/* It has failed and has not held out for long enough since. */
static bool is_distrusted(const Instance *i, usec_t now) {
        return i->failed_at > 0
               && (i->runs_since <= i->failed_at || now < i->runs_since + FLEET_TRUST_AFTER);
}

void instance_failed(Instance *i, usec_t now) {
        i->loops = is_distrusted(i, now);
        i->failed = true;
        i->failed_at = now;
}

void instance_settle(Instance *i) {
        bool down = i->state == INSTANCE_STOPPED || i->state == INSTANCE_FAILED;
        bool undone = i->asked == ASKED_START ? down : i->state == INSTANCE_RUNNING;

        if (!i->has_job && undone)
                i->asked = ASKED_NOTHING;
}

static bool is_failing(const Instance *i, usec_t now) {
        switch (i->state) {
        case INSTANCE_RESTARTING:
                return i->failed && i->loops;
        case INSTANCE_STARTING:
        case INSTANCE_RUNNING:
                return i->loops && is_distrusted(i, now);
        case INSTANCE_FAILED:
                return i->failed && now < i->failed_at + FLEET_TRUST_AFTER;
        case INSTANCE_STOPPING:
        case INSTANCE_STOPPED:
                return false;
        }
        return false;
}

/* Capacity, now or soon. */
static bool is_live(const Instance *i) {
        switch (i->state) {
        case INSTANCE_RUNNING:
        case INSTANCE_STARTING:
                return i->asked != ASKED_STOP;
        case INSTANCE_RESTARTING:
                /* work done and on to the next; after a failure it is a hope, not capacity */
                return i->asked != ASKED_STOP && !i->failed;
        case INSTANCE_STOPPED:
        case INSTANCE_FAILED:
                return i->asked == ASKED_START || i->returns;
        case INSTANCE_STOPPING:
                return i->returns;
        }
        return false;
}

FleetCount fleet_count(const Fleet *f, usec_t now) {
        FleetCount c = { 0 };
        for (const Instance *i = f->instances; i < f->instances + f->n; i++) {
                if (is_live(i) && i->state == INSTANCE_RUNNING)
                        c.running++;
                else if (is_live(i))
                        c.starting++;
                else if (i->state == INSTANCE_STOPPING || i->asked == ASKED_STOP)
                        c.stopping++;
                if (is_failing(i, now))
                        c.failing++;
                else if (i->state == INSTANCE_RESTARTING && i->failed)
                        c.returning++;
        }
        return c;
}

bool fleet_is_idle(const Fleet *f) {
        for (const Instance *i = f->instances; i < f->instances + f->n; i++)
                if ((i->state != INSTANCE_STOPPED && i->state != INSTANCE_FAILED)
                                || i->asked != ASKED_NOTHING || i->returns)
                        return false;
        return true;
}

unsigned fleet_next_start(const Fleet *f, unsigned max) {
        unsigned failed = 0, number = 1;

        /* number is the lowest that the instances passed so far leave free */
        for (size_t k = 0; k < f->n && f->instances[k].number <= max; k++) {
                const Instance *i = &f->instances[k];
                if (i->number > number)
                        return number;
                bool free = i->asked == ASKED_NOTHING && !i->returns && !i->masked;
                if (free && i->state == INSTANCE_STOPPED)
                        return i->number;
                if (free && i->state == INSTANCE_FAILED && failed == 0)
                        failed = i->number;
                number = i->number + 1;
        }
        return number <= max ? number : failed;
}

unsigned fleet_next_stop(const Fleet *f) {
        for (size_t k = f->n; k > 0; k--)
                if (is_live(&f->instances[k - 1]))
                        return f->instances[k - 1].number;
        return 0;
}

unsigned fleet_next_surplus(const Fleet *f, unsigned count) {
        for (size_t k = f->n; k > 0 && f->instances[k - 1].number > count; k--) {
                const Instance *i = &f->instances[k - 1];
                if (i->state == INSTANCE_RESTARTING && i->failed && i->asked == ASKED_NOTHING)
                        return i->number;
        }
        return 0;
}

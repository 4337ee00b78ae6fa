/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker.h"

#include <errno.h>
#include <time.h>

#include "log.h"
#include "unit-name.h"

int worker_new(const WorkerContext *context, const char *id, Worker **ret) {
        CLEANUP(worker_freep) Worker *w = calloc(1, sizeof(Worker));
        if (!w)
                return -ENOMEM;

        int r = sd_event_add_time(
                        context->event, &w->timer, CLOCK_MONOTONIC, 0, 1, worker_on_timer, w);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(w->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;

        w->id = strdup(id);
        w->state = policy_state_new();
        if (!w->id || !w->state)
                return -ENOMEM;

        w->context = context;
        scaling_init(&w->scaling);
        scaling_init(&w->incoming);
        w->watched_since = worker_now(w);

        *ret = TAKE_PTR(w);
        return 0;
}

Worker *worker_free(Worker *w) {
        if (!w)
                return NULL;
        sd_event_source_disable_unref(w->timer);
        policy_state_free(w->state);
        scaling_done(&w->scaling);
        scaling_done(&w->incoming);
        fleet_done(&w->fleet);
        free(w->fragment);
        free(w->id);
        free(w);
        return NULL;
}

usec_t worker_now(const Worker *w) {
        usec_t now = 0;
        (void) sd_event_now(w->context->event, CLOCK_MONOTONIC, &now);
        return now;
}

bool worker_is_idle(const Worker *w) {
        return !w->target_active && w->mode == MODE_AUTO && fleet_is_idle(&w->fleet);
}

bool worker_is_scaled(const Worker *w) {
        return w->target_active && w->reading == POLICY_READ && w->scaling.found
               && w->scaling.enabled;
}

static void instance_unit(const Worker *w, unsigned number, char *buffer, size_t size) {
        (void) snprintf(buffer, size, "worker-%s@%u.service", w->id, number);
}

/* A start of ours that systemd took on when the target had just been stopped would leave an
 * instance behind. systemd handles calls in their order, so this stop comes after any such start.
 */
static void take_back_starts(Worker *w) {
        for (Instance *i = w->fleet.instances; i < w->fleet.instances + w->fleet.n; i++) {
                if (i->asked != ASKED_START)
                        continue;
                char unit[UNIT_NAME_MAX + 1];
                instance_unit(w, i->number, unit, sizeof(unit));
                if (systemd_client_stop_unit(w->context->systemd, unit) >= 0)
                        i->asked = ASKED_STOP;
        }
}

void worker_target_changed(Worker *w, const char *active) {
        bool before = w->target_active;

        w->target_listed = true;
        if (active)
                w->target_active = STREQ(active, "active");
        if (before && !w->target_active) {
                take_back_starts(w);
                (void) sd_event_source_set_enabled(w->timer, SD_EVENT_OFF);
                w->cadence.planned_at = 0;
        }
        if (!before && w->target_active)
                w->watched_since = worker_now(w);
        if (w->target_active && w->reading == POLICY_UNREAD)
                worker_read_policy(w);
        if (w->target_active)
                worker_plan(w, CADENCE_SOON);
}

/* What it counted since the last decision was done all the same. */
static void forget_plugin(Worker *w) {
        w->items_total += w->reports.plugin.items;
        reports_forget_plugin(&w->reports);
}

void worker_plugin_changed(Worker *w, const char *active) {
        w->plugin_listed = true;
        if (active && !STREQ(active, "active") && !STREQ(active, "activating"))
                forget_plugin(w);
}

void worker_instance_changed(Worker *w, unsigned number, const UnitChange *change) {
        Instance *i = fleet_add(&w->fleet, number);
        if (!i) {
                log_error("worker '%s': no memory for instance %u", w->id, number);
                return;
        }

        char unit[UNIT_NAME_MAX + 1];
        instance_unit(w, number, unit, sizeof(unit));
        InstanceState before = i->state;
        bool returned = i->returns;

        i->listed = true;
        instance_update(i, change->load, change->active, change->sub, worker_now(w));
        if (change->job) {
                i->has_job = !STREQ(change->job, JOB_NONE);
                /* a restart is not to be answered by starting another instance meanwhile, so a job
                 * is taken for one until it is known */
                bool unknown = STREQ(change->job, JOB_UNKNOWN) && i->asked == ASKED_NOTHING;
                i->returns = unknown || STREQ(change->job, "start")
                             || STREQ(change->job, "restart");
                if (unknown)
                        (void) systemd_client_read_unit(w->context->systemd, unit);
        }
        if (i->state == before && i->returns == returned)
                return;

        if (i->state == INSTANCE_RESTARTING && before != INSTANCE_RESTARTING)
                (void) systemd_client_read_result(w->context->systemd, unit);
        if (i->state == INSTANCE_FAILED && before != INSTANCE_FAILED && i->failed)
                worker_pause(w, unit);
        w->context->changed(w->context->userdata);
        worker_plan(w, CADENCE_SOON);
}

void worker_instance_result(Worker *w, unsigned number, const char *result) {
        Instance *i = fleet_find(&w->fleet, number);
        if (!i || STREQ(result, "success"))
                return;

        instance_failed(i, worker_now(w));
        if (i->loops) {
                char unit[UNIT_NAME_MAX + 1];
                instance_unit(w, number, unit, sizeof(unit));
                worker_pause(w, unit);
        }
        worker_plan(w, CADENCE_SOON);
}

void worker_job_ended(Worker *w, unsigned number, const char *result) {
        Instance *i = fleet_find(&w->fleet, number);
        if (!i)
                return;
        i->returns = false;
        if (i->asked == ASKED_NOTHING) {
                worker_plan(w, CADENCE_SOON);
                return;
        }

        if (i->asked == ASKED_START && STREQ(result, "done")) {
                /* a new unit's states are still being asked for; this one is sure */
                const UnitChange change = { .active = "active" };
                worker_instance_changed(w, number, &change);
                return;
        }
        if (i->asked == ASKED_STOP && STREQ(result, "canceled"))
                return; /* the start that our stop has ended */

        if (i->asked == ASKED_START && !STREQ(result, "canceled")) {
                char unit[UNIT_NAME_MAX + 1];
                instance_unit(w, number, unit, sizeof(unit));
                instance_failed(i, worker_now(w));
                worker_pause(w, unit);
        }
        i->asked = ASKED_NOTHING;
        worker_plan(w, CADENCE_SOON);
}

void worker_job_refused(Worker *w, unsigned number, const char *error, const char *message) {
        Instance *i = fleet_find(&w->fleet, number);
        if (!i)
                return;

        char unit[UNIT_NAME_MAX + 1];
        instance_unit(w, number, unit, sizeof(unit));
        bool start = i->asked == ASKED_START;
        i->asked = ASKED_NOTHING;
        if (STREQ(error, SD_BUS_ERROR_NO_REPLY)) { /* nobody's fault: asked for again, if wanted */
                worker_plan(w, CADENCE_SOON);
                return;
        }
        if (STREQ(error, "org.freedesktop.systemd1.UnitMasked")) {
                i->masked = true;
                log_notice("'%s' is masked, leaving it alone", unit);
        } else if (start) {
                log_warning("'%s' can't be started: %s", unit, message);
                worker_pause(w, unit);
        } else
                log_warning("'%s' can't be stopped: %s", unit, message);
        worker_plan(w, CADENCE_SOON);
}

/* --- listing --------------------------------------------------------------------------------- */

void worker_list_begin(Worker *w) {
        w->target_listed = w->plugin_listed = false;
        for (size_t k = 0; k < w->fleet.n; k++) {
                w->fleet.instances[k].listed = false;
                w->fleet.instances[k].masked = false;
        }
        w->reading = POLICY_UNREAD;
}

void worker_list_end(Worker *w) {
        for (Instance *i = w->fleet.instances; i < w->fleet.instances + w->fleet.n; i++) {
                if (!i->listed) {
                        i->has_job = i->returns = false;
                        instance_update(i, NULL, "inactive", "dead", worker_now(w));
                }
                instance_settle(i);
        }
        if (!w->plugin_listed)
                forget_plugin(w);
        if (!w->target_listed)
                worker_target_changed(w, "inactive");
}

/* --- reports --------------------------------------------------------------------------------- */

/* Number 0 is the backlog plugin. */
static void sender_unit_name(const Worker *w, unsigned number, char *buffer, size_t size) {
        if (number > 0)
                instance_unit(w, number, buffer, size);
        else
                (void) snprintf(buffer, size, "worker-%s-backlog.service", w->id);
}

static void tell_surplus(const Worker *w, unsigned number) {
        char unit[UNIT_NAME_MAX + 1];
        sender_unit_name(w, number, unit, sizeof(unit));
        log_warning("'%s' reports more than %u lines a second, ignoring the rest", unit,
                        REPORT_RATE_MAX);
}

static void tell_garbage(const Worker *w, unsigned number) {
        char unit[UNIT_NAME_MAX + 1];
        sender_unit_name(w, number, unit, sizeof(unit));
        log_warning("'%s' reports lines that are not NAME:VALUE|TYPE, ignoring them", unit);
}

void worker_report(Worker *w, unsigned number, const char *text, size_t size) {
        usec_t now = worker_now(w);
        bool changed = false, counted = false, first = false;

        Instance *i = number > 0 ? fleet_add(&w->fleet, number) : NULL;
        if (number > 0 && !i)
                return;
        ReportRate *rate = i ? &i->rate : &w->plugin_rate;

        while (size > 0) {
                Report report;
                if (!report_rate_admit(rate, now, &first)) {
                        w->surplus++;
                        if (first)
                                tell_surplus(w, number);
                        break;
                }

                int r = report_next(&text, &size, &report);
                if (r < 0 && w->garbage++ == 0)
                        tell_garbage(w, number);
                if (r <= 0)
                        continue;
                counted = counted || (report.name == REPORT_ITEMS && report.value > 0);
                if (i ? reports_take_instance(&w->reports, i, &report)
                      : reports_take_plugin(&w->reports, &report))
                        changed = true;
        }
        if (changed || (counted && cadence_wakes(&w->cadence)))
                worker_plan(w, CADENCE_SOON);
}

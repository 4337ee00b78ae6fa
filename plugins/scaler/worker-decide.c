/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <systemd/sd-journal.h>

#include "bus-interface.h"
#include "log.h"
#include "unit-name.h"
#include "worker.h"

/* From observation to decision to StartUnit() and StopUnit(). */

/* The id of "worker was scaled" in the journal; made with systemd-id128 new */
#define MESSAGE_SCALED "MESSAGE_ID=0444a0eb59844cf08e90a71c9a2c1240"

/* "starts are held back"; likewise */
#define MESSAGE_HELD "MESSAGE_ID=2794da40b6064038a27fedc73776151f"

/* "an instance fails, the worker is not scaled up for a while"; likewise */
#define MESSAGE_FAILS "MESSAGE_ID=26a37d66c98443318f22b70d65e33e77"

/* Under pressure a worker gets one instance in so long, all workers together one in so long. */
#define HELD_START_INTERVAL (10 * USEC_PER_SEC)
#define HELD_START_ALL      (1 * USEC_PER_SEC)
#define HELD_AGAIN          (2 * USEC_PER_SEC)

/* Scaling up after failures: the first pause */
#define PAUSE_FIRST (10 * USEC_PER_SEC)

void worker_plan(Worker *w, usec_t delay) {
        if (w->context->frozen || !worker_is_scaled(w))
                return;

        usec_t now = worker_now(w), at = cadence_plan(&w->cadence, now, delay);
        if (at == 0)
                return;

        /* what can wait is done together with other things: fewer wake-ups */
        usec_t accuracy = (at - now) / 8;
        (void) sd_event_source_set_time(w->timer, at);
        (void) sd_event_source_set_time_accuracy(w->timer, accuracy > 0 ? accuracy : 1);
        (void) sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

static void tell_pause(const Worker *w, const char *unit) {
        char span[TIMESPAN_MAX];
        (void) format_timespan(span, sizeof(span), w->pause);

        int r = sd_journal_send(MESSAGE_FAILS,
                        "MESSAGE='%s' fails, not scaling worker '%s' up for %s", unit, w->id, span,
                        "PRIORITY=%i", LOG_WARNING, "WORKER=%s", w->id, "INSTANCE=%s", unit,
                        "PAUSE=%s", span, NULL);
        if (r < 0)
                log_warning("'%s' fails, not scaling worker '%s' up for %s", unit, w->id, span);
}

void worker_pause(Worker *w, const char *unit) {
        usec_t now = worker_now(w);

        if (now >= w->paused_until) {
                /* as long without a failure as it was paused before: a new beginning */
                if (w->pause == 0 || now - w->paused_until > w->pause)
                        w->pause = PAUSE_FIRST;
                else if (w->pause < WORKER_PAUSE_MAX / 2)
                        w->pause *= 2;
                else
                        w->pause = WORKER_PAUSE_MAX;
                tell_pause(w, unit);
        }
        w->paused_until = now + w->pause;
        w->context->remember(w->context->userdata);
}

static bool differs(double a, double b) {
        return a > b * 1.1 || b > a * 1.1;
}

/* What was learned is kept when it has become something else, not each time it moves. */
static void remember(Worker *w) {
        PolicyMemory m;

        policy_state_remember(w->state, &m);
        if (!differs(m.mu, w->kept.mu)
                        && !differs((double) m.start_delay, (double) w->kept.start_delay))
                return;
        w->kept = m;
        w->context->remember(w->context->userdata);
}

static void observe_usage(Worker *w, Observation *o) {
        const Scaling *s = &w->scaling;
        char cgroup[4096];
        double cores;
        usec_t cpu;
        uint64_t memory;

        if (!s->slice || (s->policy.target_cpu <= 0 && s->policy.target_memory <= 0)
                        || slice_cgroup_path(w->context->root_cgroup, s->slice, cgroup,
                                           sizeof(cgroup))
                                           < 0)
                return;

        if (s->policy.target_cpu > 0 && usage_read_cpu(cgroup, &cpu) >= 0) {
                usage_add(&w->usage, o->now, cpu, o->running);
                if (usage_cpu_per_instance(&w->usage, &cores) >= 0) {
                        o->cpu = cores / s->cpu_request;
                        o->known |= SIGNAL_CPU;
                }
        }
        if (s->policy.target_memory > 0 && o->running > 0
                        && usage_read_memory(cgroup, &memory) >= 0) {
                o->memory = (double) memory / o->running / (double) s->memory_request;
                o->known |= SIGNAL_MEMORY;
        }
}

static void tell(const Worker *w, unsigned from, unsigned to, const char *reason,
                const Observation *o) {
        const Decision *d = &w->decision;
        char lambda[32] = "", mu[32] = "", backlog[32] = "";

        if (d->lambda >= 0)
                (void) snprintf(lambda, sizeof(lambda), "%.6g", d->lambda);
        if (d->mu > 0)
                (void) snprintf(mu, sizeof(mu), "%.6g", d->mu);
        if (o->known & SIGNAL_BACKLOG)
                (void) snprintf(backlog, sizeof(backlog), "%.6g", o->backlog);

        int r = sd_journal_send(MESSAGE_SCALED,
                        "MESSAGE=worker '%s' is scaled from %u to %u instances: %s", w->id, from,
                        to, reason, "PRIORITY=%i", LOG_INFO, "WORKER=%s", w->id, "FROM=%u", from,
                        "TO=%u", to, "REASON=%s", reason, "LAMBDA=%s", lambda, "MU=%s", mu,
                        "BACKLOG=%s", backlog, NULL);
        if (r < 0)
                log_info("worker '%s' is scaled from %u to %u instances: %s", w->id, from, to,
                                reason);
        bus_interface_scaled(w->context->userdata, w->id, from, to, reason);
}

/* Asks systemd to start or stop an instance; false when it can't be asked. */
static bool ask(Worker *w, Asked what, unsigned number) {
        Instance *i = number > 0 ? fleet_add(&w->fleet, number) : NULL;
        if (!i)
                return false;

        char unit[UNIT_NAME_MAX + 1];
        (void) snprintf(unit, sizeof(unit), "worker-%s@%u.service", w->id, number);
        int r = what == ASKED_START ? systemd_client_start_unit(w->context->systemd, unit)
                                    : systemd_client_stop_unit(w->context->systemd, unit);
        if (r < 0)
                return false;
        i->asked = what;
        return true;
}

/* After our own start nothing is stopped before the worker was watched for as long as an unneeded
 * instance is kept: what it did before is not known. */
static bool may_stop(const Worker *w, usec_t now) {
        return w->mode == MODE_FIXED
               || now - w->watched_since >= w->scaling.policy.scale_down_after;
}

static bool may_start(const Worker *w, const FleetCount *count, usec_t now) {
        return count->failing == 0 && now >= w->paused_until;
}

static void tell_held(const Worker *w, unsigned have, unsigned desired) {
        int r = sd_journal_send(MESSAGE_HELD,
                        "MESSAGE=worker '%s' has %u instances and wants %u, starts are held back: "
                        "%s of the host",
                        w->id, have, desired, w->held, "PRIORITY=%i", LOG_NOTICE, "WORKER=%s",
                        w->id, "FROM=%u", have, "TO=%u", desired, "REASON=%s", w->held, NULL);
        if (r < 0)
                log_notice("worker '%s' has %u instances and wants %u, starts are held back: %s "
                           "of the host",
                                w->id, have, desired, w->held);
}

/* How many instances may be started for the host's sake: under pressure one now and then, for each
 * worker in its turn, so that none starves. The minimum and what an administrator orders are not
 * held back. */
static unsigned admitted(Worker *w, unsigned have, unsigned desired, usec_t now) {
        Pressure *p = w->context->pressure;
        unsigned min = w->scaling.policy.min_replicas;
        const char *before = w->held;

        w->held = w->mode == MODE_FIXED || desired <= min ? NULL : pressure_reason(p, now);
        if (!w->held)
                return desired - have;
        if (!before)
                tell_held(w, have, desired);
        if (have < min)
                return min - have;
        if (now < p->next_start || (w->held_start > 0 && now < w->held_start + HELD_START_INTERVAL))
                return 0;
        p->next_start = now + HELD_START_ALL;
        w->held_start = now;
        return 1;
}

/* Returns how many instances there are then. */
static unsigned scale(
                Worker *w, unsigned desired, unsigned have, const FleetCount *count, usec_t now) {
        unsigned max = w->scaling.policy.max_replicas;

        if (have + count->returning < desired && may_start(w, count, now))
                desired = have + count->returning
                          + admitted(w, have + count->returning, desired, now);
        else
                w->held = NULL;
        if (have < desired && may_start(w, count, now))
                while (have + count->returning < desired
                                && ask(w, ASKED_START, fleet_next_start(&w->fleet, max)))
                        have++;
        if (have > desired && may_stop(w, now))
                while (have > desired && ask(w, ASKED_STOP, fleet_next_stop(&w->fleet)))
                        have--;
        return have;
}

/* Enough run: what only fails is left over from when more were needed. */
static void stop_surplus(Worker *w, unsigned desired) {
        unsigned number;

        while ((number = fleet_next_surplus(&w->fleet, desired)) > 0 && ask(w, ASKED_STOP, number))
                log_info("worker '%s': instance %u fails and is not needed, stopping it", w->id,
                                number);
}

static void apply(Worker *w, const Observation *o, const FleetCount *count) {
        const char *reason;
        unsigned have = count->running + count->starting;
        unsigned desired = worker_goal(w, &reason);
        unsigned to = scale(w, desired, have, count, o->now);

        if (to != have) {
                tell(w, have, to, reason, o);
                w->context->changed(w->context->userdata);
        }
        if (count->returning + count->failing > 0 && count->running >= desired
                        && may_stop(w, o->now))
                stop_surplus(w, desired);
}

/* Nothing is under way and nothing is learned by looking: only what is reported can change this,
 * and a report does not wait for the next regular decision. */
static bool is_at_rest(const Worker *w, const Observation *o, const FleetCount *count) {
        const Policy *p = &w->scaling.policy;
        bool work = o->known & (SIGNAL_BUSY | SIGNAL_OLDEST)
                    || ((o->known & SIGNAL_BACKLOG) && o->backlog > 0)
                    || ((o->known & SIGNAL_COMPLETED) && o->completed > 0)
                    || ((o->known & SIGNAL_ARRIVED) && o->arrived > 0);

        return !work && !w->held && p->target_cpu <= 0 && p->target_memory <= 0
               && count->starting + count->stopping + count->returning + count->failing == 0
               && count->running == p->min_replicas && w->decision.desired <= p->min_replicas
               && o->now - w->watched_since >= CADENCE_MAX;
}

static void decide(Worker *w) {
        usec_t now = worker_now(w);
        FleetCount count = fleet_count(&w->fleet, now);
        Observation o = { .now = now, .running = count.running, .starting = count.starting };

        reports_observe(&w->reports, &w->fleet, &o);
        observe_usage(w, &o);
        policy_decide(&w->scaling.policy, w->state, &o, &w->decision);
        remember(w);
        w->observed = o;
        if (o.known & SIGNAL_COMPLETED)
                w->items_total += o.completed;
        if (w->mode != MODE_PAUSED)
                apply(w, &o, &count);

        usec_t again = w->decision.again < CADENCE_MAX ? w->decision.again : CADENCE_MAX;
        if (is_at_rest(w, &o, &count))
                again = CADENCE_MAX;
        if (w->held && again > HELD_AGAIN)
                again = HELD_AGAIN;
        cadence_decided(&w->cadence, now, again, o.completed > 0);
        worker_plan(w, again);
}

int worker_on_timer(sd_event_source *source, uint64_t at, void *userdata) {
        Worker *w = userdata;
        (void) source;
        (void) at;

        w->cadence.planned_at = 0;
        if (!w->context->frozen && worker_is_scaled(w))
                decide(w);
        return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe.h"

#include <math.h>

#define KNOWS(set, name) (((set) & (1U << (name))) != 0)

static bool tally_take(Tally *t, const Report *report) {
        t->known |= 1U << report->name;
        if (report->name == REPORT_ITEMS) {
                t->items += report->value;
                return false;
        }
        t->arrived += report->value;
        return report->value > 0;
}

/* Gauges here are counts or times: none goes below zero. */
static bool gauge_take(double *gauge, uint8_t *known, const Report *report) {
        double before = KNOWS(*known, report->name) ? *gauge : 0;
        double after = fmax(0, report->relative ? before + report->value : report->value);
        bool changed = !KNOWS(*known, report->name) || after != before;

        *gauge = after;
        *known |= (uint8_t) (1U << report->name);
        return changed;
}

bool reports_take_instance(Reports *r, Instance *i, const Report *report) {
        switch (report->name) {
        case REPORT_ITEMS:
        case REPORT_ARRIVED:
                return tally_take(&r->instances, report);
        case REPORT_BACKLOG:
                return gauge_take(&i->backlog, &i->gauges_known, report);
        case REPORT_OLDEST:
                return gauge_take(&i->oldest, &i->gauges_known, report);
        case REPORT_BUSY:
                /* changes with every item: no reason to decide out of turn */
                (void) gauge_take(&i->busy, &i->gauges_known, report);
                return false;
        case _REPORT_NAME_MAX:
                break;
        }
        return false;
}

bool reports_take_plugin(Reports *r, const Report *report) {
        switch (report->name) {
        case REPORT_ITEMS:
        case REPORT_ARRIVED:
                return tally_take(&r->plugin, report);
        case REPORT_BACKLOG:
                return gauge_take(&r->backlog, &r->gauges_known, report);
        case REPORT_OLDEST:
                return gauge_take(&r->oldest, &r->gauges_known, report);
        case REPORT_BUSY: /* only a process itself knows that */
        case _REPORT_NAME_MAX:
                break;
        }
        return false;
}

void reports_forget_plugin(Reports *r) {
        r->plugin = (Tally){ 0 };
        r->gauges_known = 0;
}

static void observe_counter(const Reports *r, ReportName name, double plugin, double instances,
                Signal signal, double *ret, unsigned *known) {
        if (KNOWS(r->plugin.known, name))
                *ret = plugin;
        else if (KNOWS(r->instances.known, name))
                *ret = instances;
        else
                return;
        *known |= signal;
}

static void observe_gauges(const Reports *r, const Fleet *f, Observation *o) {
        double backlog = 0, oldest = 0, busy = 0;
        unsigned known = 0, n_busy = 0;

        for (const Instance *i = f->instances; i < f->instances + f->n; i++) {
                known |= i->gauges_known;
                if (KNOWS(i->gauges_known, REPORT_BACKLOG))
                        backlog += i->backlog;
                if (KNOWS(i->gauges_known, REPORT_OLDEST))
                        oldest = fmax(oldest, i->oldest);
                if (KNOWS(i->gauges_known, REPORT_BUSY)) {
                        busy += fmin(i->busy, 1);
                        n_busy++;
                }
        }
        if (KNOWS(r->gauges_known, REPORT_BACKLOG))
                backlog = r->backlog;
        if (KNOWS(r->gauges_known, REPORT_OLDEST))
                oldest = r->oldest;
        known |= r->gauges_known;

        if (KNOWS(known, REPORT_BACKLOG)) {
                o->backlog = backlog;
                o->known |= SIGNAL_BACKLOG;
        }
        if (KNOWS(known, REPORT_OLDEST)) {
                o->oldest = oldest;
                o->known |= SIGNAL_OLDEST;
        }
        if (n_busy > 0) {
                o->busy = busy / n_busy;
                o->known |= SIGNAL_BUSY;
        }
}

void reports_observe(Reports *r, const Fleet *f, Observation *o) {
        observe_counter(r, REPORT_ITEMS, r->plugin.items, r->instances.items, SIGNAL_COMPLETED,
                        &o->completed, &o->known);
        observe_counter(r, REPORT_ARRIVED, r->plugin.arrived, r->instances.arrived, SIGNAL_ARRIVED,
                        &o->arrived, &o->known);
        observe_gauges(r, f, o);

        r->plugin.items = r->plugin.arrived = 0;
        r->instances.items = r->instances.arrived = 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "metrics.h"

#include <inttypes.h>

/* Metrics come together, one name after the other, as the format wants it. */

typedef struct Value {
        const char *label; /* in addition to worker=, or NULL */
        double value;      /* negative: unknown, left out */
} Value;

enum { VALUES_MAX = 4 };

static void instances(const Worker *w, Value *ret) {
        const FleetCount c = fleet_count(&w->fleet, worker_now(w));
        ret[0] = (Value){ "state=\"running\"", c.running };
        ret[1] = (Value){ "state=\"starting\"", c.starting };
        ret[2] = (Value){ "state=\"stopping\"", c.stopping };
        ret[3] = (Value){ "state=\"failing\"", c.failing + c.returning };
}

static void wanted(const Worker *w, Value *ret) {
        const char *reason;
        ret->value = worker_is_scaled(w) ? worker_goal(w, &reason) : -1.0;
}

static void items(const Worker *w, Value *ret) {
        ret->value = worker_items_total(w);
}

static void backlog(const Worker *w, Value *ret) {
        ret->value = w->observed.known & SIGNAL_BACKLOG ? w->observed.backlog : -1;
}

static void oldest(const Worker *w, Value *ret) {
        ret->value = w->observed.known & SIGNAL_OLDEST ? w->observed.oldest : -1;
}

static void arrivals(const Worker *w, Value *ret) {
        ret->value = w->decision.lambda;
}

static void capacity(const Worker *w, Value *ret) {
        ret->value = w->decision.mu > 0 ? w->decision.mu : -1;
}

static void automatic(const Worker *w, Value *ret) {
        ret->value = worker_is_scaled(w) && w->mode == MODE_AUTO;
}

static const struct Metric {
        const char *name, *type, *help;
        void (*get)(const Worker *w, Value *ret);
} metrics[] = {
        { "workers_instances", "gauge", "Instances by state", instances },
        { "workers_wanted_instances", "gauge", "Instances that are wanted", wanted },
        { "workers_items_total", "counter", "Items done since worker-scaler was started", items },
        { "workers_backlog_items", "gauge", "Items that wait", backlog },
        { "workers_oldest_seconds", "gauge", "How long the oldest waiting item has waited",
                        oldest },
        { "workers_arrival_rate", "gauge", "Items that arrive, per second", arrivals },
        { "workers_capacity", "gauge", "Items that one instance does, per second", capacity },
        { "workers_scaled", "gauge", "1: scaled by its policy; 0: paused, fixed or switched off",
                        automatic },
};

/* A unit's name may have backslashes, which begin an escape in the format. */
static void append_id(StrBuf *b, const char *id) {
        for (; *id; id++) {
                if (*id == '\\')
                        strbuf_append_char(b, '\\');
                strbuf_append_char(b, *id);
        }
}

static void append_value(StrBuf *b, const char *metric, const char *id, const Value *v) {
        strbuf_append_all(b, metric, "{worker=\"", NULL);
        append_id(b, id);
        strbuf_printf(b, "\"%s%s} %.10g\n", v->label ? "," : "", v->label ? v->label : "",
                        v->value);
}

static void append_metric(StrBuf *b, const struct Metric *m, Worker *const *workers, size_t n) {
        strbuf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name, m->type);
        for (size_t i = 0; i < n; i++) {
                Value values[VALUES_MAX];
                for (size_t k = 0; k < VALUES_MAX; k++)
                        values[k] = (Value){ NULL, -1 };
                m->get(workers[i], values);
                for (size_t k = 0; k < VALUES_MAX && values[k].value >= 0; k++)
                        append_value(b, m->name, workers[i]->id, &values[k]);
        }
}

static void append_counts(StrBuf *b, const ReportSocketCounts *c) {
        const struct {
                const char *kind;
                uint64_t n;
        } counts[] = {
                { "received", c->datagrams },
                { "truncated", c->truncated },
                { "refused", c->refused },
                { "strangers", c->strangers },
        };
        strbuf_append(b, "# HELP workers_report_datagrams_total Datagrams of the report socket\n"
                         "# TYPE workers_report_datagrams_total counter\n");
        for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
                strbuf_printf(b, "workers_report_datagrams_total{kind=\"%s\"} %" PRIu64 "\n",
                                counts[i].kind, counts[i].n);
}

void metrics_append(StrBuf *b, Worker *const *workers, size_t n, const ReportSocketCounts *counts) {
        for (size_t i = 0; i < ARRAY_SIZE(metrics); i++)
                append_metric(b, &metrics[i], workers, n);
        append_counts(b, counts);
}

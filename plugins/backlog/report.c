/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

bool report_name_is_valid(const char *name) {
        size_t n = strspn(
                        name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
        return n > 0 && n <= REPORT_NAME_MAX && name[n] == '\0';
}

/* Has nothing to say, so that its place can be taken. */
static bool metric_is_idle(const Metric *m) {
        return !m->known && (m->type == METRIC_GAUGE || m->value == 0);
}

static Metric *new_metric(Report *report) {
        for (size_t i = 0; i < report->n; i++)
                if (metric_is_idle(&report->metrics[i]))
                        return &report->metrics[i];
        return report->n < REPORT_METRICS_MAX ? &report->metrics[report->n++] : NULL;
}

static int get_metric(Report *report, const char *name, MetricType type, Metric **ret) {
        if (!report_name_is_valid(name))
                return -EINVAL;

        for (size_t i = 0; i < report->n; i++) {
                Metric *m = &report->metrics[i];
                if (metric_is_idle(m) || !STREQ(m->name, name))
                        continue;
                if (m->type != type)
                        return -EINVAL;
                *ret = m;
                return 0;
        }

        Metric *m = new_metric(report);
        if (!m)
                return -ENOSPC;
        *m = (Metric){ .type = type };
        memcpy(m->name, name, strlen(name) + 1);
        *ret = m;
        return 0;
}

static bool value_is_valid(double value) {
        return isfinite(value) && value >= 0 && value <= REPORT_VALUE_MAX;
}

int report_gauge(Report *report, const char *name, double value) {
        Metric *m;

        if (!value_is_valid(value))
                return -ERANGE;
        int r = get_metric(report, name, METRIC_GAUGE, &m);
        if (r < 0)
                return r;

        if (!m->known || m->value != value)
                report->changed = true;
        m->known = true;
        m->value = value;
        return 0;
}

int report_count(Report *report, const char *name, double increment) {
        Metric *m;

        if (!value_is_valid(increment))
                return -ERANGE;
        int r = get_metric(report, name, METRIC_COUNTER, &m);
        if (r < 0)
                return r;

        if (!m->known || increment > 0)
                report->changed = true;
        m->known = true;
        m->value = fmin(m->value + increment, REPORT_VALUE_MAX);
        return 0;
}

void report_forget(Report *report) {
        for (size_t i = 0; i < report->n; i++)
                report->metrics[i].known = false;
}

size_t report_format(const Report *report, char *text) {
        size_t len = 0;

        text[0] = '\0';
        for (size_t i = 0; i < report->n; i++) {
                const Metric *m = &report->metrics[i];
                if (metric_is_idle(m))
                        continue;
                int digits = m->value == floor(m->value) ? 0 : 6;
                int k = snprintf(text + len, REPORT_TEXT_MAX - len, "%s%s:%.*f|%s",
                                len > 0 ? "\n" : "", m->name, digits, m->value,
                                m->type == METRIC_GAUGE ? "g" : "c");
                len += k > 0 ? (size_t) k : 0;
        }
        return len;
}

void report_delivered(Report *report) {
        for (size_t i = 0; i < report->n; i++)
                if (report->metrics[i].type == METRIC_COUNTER)
                        report->metrics[i].value = 0;
        report->changed = false;
}

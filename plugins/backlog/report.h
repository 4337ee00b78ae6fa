/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"

/* What a backlog plugin has to say, as StatsD text: the latest value of each gauge and the
 * increments of each counter that were not delivered yet. Pure, allocates nothing. */

enum {
        REPORT_METRICS_MAX = 16,
        REPORT_NAME_MAX = 64,
        REPORT_TEXT_MAX = 2048, /* all metrics fit: 16 * (64 + 30) */
};

/* below it every whole number is exact and the text short */
#define REPORT_VALUE_MAX 1e15

typedef enum MetricType {
        METRIC_GAUGE,
        METRIC_COUNTER,
} MetricType;

typedef struct Metric {
        char name[REPORT_NAME_MAX + 1];
        MetricType type;
        bool known;   /* is part of the report, with or without a change */
        double value; /* of a counter: not delivered yet */
} Metric;

typedef struct Report {
        Metric metrics[REPORT_METRICS_MAX];
        size_t n;
        bool changed; /* since the last delivery */
} Report;

/* [A-Za-z0-9._-], at most REPORT_NAME_MAX characters */
bool report_name_is_valid(const char *name);

/* Sets a gauge, adds to a counter (0 makes it known). Return 0, -EINVAL (no such name, or one
 * that has the other type), -ERANGE (negative, not finite, above REPORT_VALUE_MAX) or -ENOSPC. */
int report_gauge(Report *report, const char *name, double value);
int report_count(Report *report, const char *name, double increment);

/* Nothing is known any more. Increments not delivered yet still are. */
void report_forget(Report *report);

/* Writes one datagram with everything there is to say; text must hold REPORT_TEXT_MAX characters.
 * Returns its length, 0 when there is nothing. */
size_t report_format(const Report *report, char *text);

/* What report_format() wrote has been taken by the receiver. */
void report_delivered(Report *report);

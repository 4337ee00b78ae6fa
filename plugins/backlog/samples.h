/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "report.h"

/* What a command prints for the exec plugin: a bare number, which is the backlog, or StatsD lines.
 * Pure. */

typedef struct Sample {
        char name[REPORT_NAME_MAX + 1];
        MetricType type;
        double value; /* a counter's is already divided by its sample rate */
} Sample;

/* Reads the whole text or nothing. NAME:VALUE|TYPE[|@RATE][|#TAGS]: TYPE is c or g, VALUE is not
 * negative and has no sign, tags are left out. Returns the number of samples, -EINVAL (none, or not
 * such text) or -E2BIG (more than REPORT_METRICS_MAX). */
int samples_parse(const char *text, Sample samples[REPORT_METRICS_MAX]);

/* Makes the samples the whole of what the report knows. Returns 0 or the error of the first that
 * could not be taken. */
int samples_report(const Sample *samples, size_t n, Report *report);

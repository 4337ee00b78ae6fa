/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include <stdint.h>

#include "macro.h"
#include "timespan.h"

/* Lines of the StatsD text format: name:value|type[|@rate][|#tags]. Pure. */

typedef enum ReportName {
        REPORT_ITEMS,   /* counter: work done */
        REPORT_ARRIVED, /* counter: work come in */
        REPORT_BACKLOG, /* gauge: items that wait */
        REPORT_OLDEST,  /* gauge: seconds that the oldest of them has waited */
        REPORT_BUSY,    /* gauge: share of time that the sender was busy, 0 to 1 */
        _REPORT_NAME_MAX,
} ReportName;

typedef struct Report {
        ReportName name;
        bool relative; /* a gauge that moves by value: its number had a sign */
        double value;  /* of a counter: already divided by the sample rate */
} Report;

/* Reads the line at *text and moves *text and *size behind it. Returns 1 with *ret written, 0 for a
 * line that is well-formed but of no meaning here (another metric, an empty line), -EBADMSG for
 * garbage. To be called as long as *size > 0. */
int report_next(const char **text, size_t *size, Report *ret);

/* How many lines a second one unit may send: more than any has to say, and less than would keep us
 * from listening to the others. */
#define REPORT_RATE_MAX 500000U

typedef struct ReportRate {
        usec_t since; /* begin of the second that is counted */
        unsigned lines;
} ReportRate;

/* False for a line above the bound; *ret_first tells whether it is the first one in its second. */
bool report_rate_admit(ReportRate *rate, usec_t now, bool *ret_first);

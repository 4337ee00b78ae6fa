/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "report-socket.h"
#include "strbuf.h"
#include "worker.h"

/* Where Debian's node_exporter looks for files of its textfile collector. */
#define METRICS_FILE "/var/lib/prometheus/node-exporter/worker-scaler.prom"

/* All workers in the text format of Prometheus. */
void metrics_append(StrBuf *b, Worker *const *workers, size_t n, const ReportSocketCounts *counts);

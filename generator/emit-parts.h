/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emit.h"

/* The parts of a worker's template, each from its part of the manifest. */

#define REPORT_SOCKET      "/run/workers/report"
#define PROPERTY_DIRECTORY "/run/worker-secrets"
/* Below /run, which MountAPIVFS= makes anew: an image of its own may be read-only. */
#define LAUNCHER_IN_OWN_ROOT "/run/worker-exec"
/* Where the launcher finds the second filter, which is beside the units. */
#define FILTER_IN_SANDBOX        "/run/worker-filter"
#define TARGET_WAIT_DEFAULT      (10 * USEC_PER_SEC)
#define SCALE_DOWN_AFTER_DEFAULT (60 * USEC_PER_SEC)

/* Where the launcher is, as an instance sees it. */
const char *launcher_path(const Worker *w);

/* Appends the name of the user of the instances, with a specifier where each has one of its own. */
void append_user(const Worker *w, StrBuf *b);

void emit_header(const Manifest *m, StrBuf *b);
void emit_restart(const Worker *w, StrBuf *b);
void emit_environment(const Worker *w, StrBuf *b);
void emit_resources(const Worker *w, StrBuf *b);
void emit_log_fields(const Worker *w, StrBuf *b);

/* [X-Worker]: what has no meaning to systemd but to people and tools. */
void emit_worker_section(const Worker *w, StrBuf *b);

/* KEY=12.5% of thousandths of a core. */
void unit_percentage(StrBuf *b, const char *key, uint64_t millicores);

/* Whether systemd takes the text as a Documentation= URI. */
bool is_documentation(const char *s);

/* Adds the unit of the backlog plugin, if the worker has one. Returns 0 or -ENOMEM. */
int emit_backlog(const Worker *w, UnitTree *tree);

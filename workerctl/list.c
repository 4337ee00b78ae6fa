/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "bus.h"
#include "options.h"
#include "print.h"
#include "scaler.h"
#include "verbs.h"
#include "workers.h"

static const char help[]
                = "workerctl list [--json] [PATTERN...]\n\n"
                  "Show workers, how many instances of each run, and what is amiss with them.\n\n"
                  "  STATE        of the target; refused: the manifest has a mistake\n"
                  "  RUNNING      instances; MIN and MAX are those of the policy\n"
                  "  BACKLOG      items that wait, where that is known\n";

static Color state_color(const WorkerInfo *w, const WorkerCount *c) {
        if (w->refused || STREQ(w->active, "failed") || c->failed > 0)
                return COLOR_BAD;
        if (!w->target_exists || c->outdated > 0)
                return COLOR_WARN;
        return STREQ(w->active, "active") ? COLOR_GOOD : COLOR_NORMAL;
}

static void add_remark(StrBuf *b, unsigned n, const char *what) {
        if (n > 0)
                strbuf_printf(b, "%s%u %s", b->len > 0 ? ", " : "", n, what);
}

static void remarks(StrBuf *b, const WorkerInfo *w, const WorkerCount *c, const ScalerWorker *s) {
        strbuf_clear(b);
        if (w->refused)
                strbuf_printf(b, "its manifest has a mistake: workerctl status %s", w->id);
        add_remark(b, c->starting, "starting");
        add_remark(b, c->stopping, "stopping");
        add_remark(b, c->failed, "failing");
        add_remark(b, c->outdated, "outdated");
        add_remark(b, c->orphaned, "orphaned");
        if (w->target_exists && !w->refused && !w->scaling.found)
                strbuf_printf(b, "%snot scaled", b->len > 0 ? ", " : "");
        if (w->target_exists && w->scaling.found && !w->scaling.enabled)
                strbuf_printf(b, "%sscaling is off", b->len > 0 ? ", " : "");
        if (s && STREQ(s->mode, "paused"))
                strbuf_printf(b, "%spaused", b->len > 0 ? ", " : "");
        else if (s && STREQ(s->mode, "fixed"))
                strbuf_printf(b, "%skept at %u", b->len > 0 ? ", " : "", s->wanted);
}

static void print_table(const WorkerTable *t, const ScalerTable *told) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        int width = (int) strlen("WORKER");

        for (size_t i = 0; i < t->n; i++)
                if ((int) strlen(t->workers[i].id) > width)
                        width = (int) strlen(t->workers[i].id);

        printf("%s%-*s %-12s %7s %5s %5s %9s  %s%s\n", color(COLOR_DIM), width, "WORKER", "STATE",
                        "RUNNING", "MIN", "MAX", "BACKLOG", "REMARKS", color(COLOR_NORMAL));
        for (const WorkerInfo *w = t->workers; w < t->workers + t->n; w++) {
                WorkerCount c = worker_info_count(w);
                char min[16] = "-", max[16] = "-", backlog[32] = "-";

                if (w->scaling.found) {
                        (void) snprintf(min, sizeof(min), "%u", w->scaling.policy.min_replicas);
                        (void) snprintf(max, sizeof(max), "%u", w->scaling.policy.max_replicas);
                }
                const ScalerWorker *s = scaler_table_find(told, w->id);
                if (s && s->backlog >= 0)
                        (void) snprintf(backlog, sizeof(backlog), "%.6g", s->backlog);
                remarks(&b, w, &c, s);
                printf("%-*s %s%-12s%s %7u %5s %5s %9s  %s\n", width, w->id,
                                color(state_color(w, &c)), worker_info_state(w),
                                color(COLOR_NORMAL), c.running, min, max, backlog,
                                strbuf_string(&b));
        }
}

static void json_scaler(StrBuf *b, const ScalerWorker *s) {
        json_number(b, "backlog", s ? s->backlog : -1);
        json_number(b, "arrivalRate", s ? s->lambda : -1);
        json_number(b, "capacity", s && s->mu > 0 ? s->mu : -1);
        json_number(b, "wanted", s && s->scaled ? (double) s->wanted : -1);
        json_string(b, "mode", s ? s->mode : "");
        json_string(b, "reason", s && s->scaled ? s->reason : "");
}

static int print_json(const WorkerTable *t, const ScalerTable *told) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        json_open(&b, '[');
        for (const WorkerInfo *w = t->workers; w < t->workers + t->n; w++) {
                WorkerCount c = worker_info_count(w);
                bool scaled = w->scaling.found;

                json_open(&b, '{');
                json_string(&b, "id", w->id);
                json_string(&b, "state", worker_info_state(w));
                json_bool(&b, "scaled", scaled && w->scaling.enabled);
                json_count(&b, "running", c.running);
                json_count(&b, "starting", c.starting);
                json_count(&b, "stopping", c.stopping);
                json_count(&b, "failing", c.failed);
                json_count(&b, "outdated", c.outdated);
                json_count(&b, "orphaned", c.orphaned);
                json_number(&b, "min", scaled ? (double) w->scaling.policy.min_replicas : -1);
                json_number(&b, "max", scaled ? (double) w->scaling.policy.max_replicas : -1);
                json_scaler(&b, scaler_table_find(told, w->id));
                json_close(&b, '}');
        }
        json_close(&b, ']');
        if (strbuf_error(&b) < 0)
                return strbuf_error(&b);
        puts(strbuf_string(&b));
        return 0;
}

int verb_list(int argc, char **argv) {
        CLEANUP(bus_closep) sd_bus *bus = NULL;
        CLEANUP(worker_table_done) WorkerTable t = { 0 };
        CLEANUP(scaler_table_done) ScalerTable told = { 0 };
        Options options;
        int status;

        if (options_parse(argc, argv, true, help, &options, &status) <= 0)
                return status;
        if (bus_connect(&bus) < 0)
                return EXIT_FAILURE;
        int r = worker_table_read(bus, argv + optind, &t);
        if (r >= 0) /* when it does not run, its figures are missing */
                (void) scaler_table_read(bus, &told);
        if (r >= 0 && options.json)
                r = print_json(&t, &told);
        if (r < 0) {
                fprintf(stderr, "workerctl: workers can't be listed: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        if (!options.json)
                print_table(&t, &told);
        return EXIT_SUCCESS;
}

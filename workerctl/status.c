/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "bus.h"
#include "journal.h"
#include "options.h"
#include "print.h"
#include "reason.h"
#include "scaler.h"
#include "verbs.h"
#include "workers.h"

static const char help[] = "workerctl status ID...\n\n"
                           "Show a worker: its policy, its instances, and the last step that\n"
                           "worker-scaler took with it and why.\n";

static void print_policy(const Scaling *s) {
        const Policy *p = &s->policy;
        char span[TIMESPAN_MAX];

        printf("   Policy: ");
        if (!s->found) {
                puts("none, the worker is not scaled");
                return;
        }
        if (!s->enabled)
                printf("switched off; ");
        printf("%u to %u instances", p->min_replicas, p->max_replicas);
        if (p->target_wait > 0)
                printf(", items wait %s at most",
                                format_timespan(span, sizeof(span), p->target_wait));
        if (p->target_throughput > 0)
                printf(", %.6g items/s each", p->target_throughput);
        if (p->target_cpu > 0)
                printf(", CPU at %.0f%%", 100 * p->target_cpu);
        if (p->target_memory > 0)
                printf(", memory at %.0f%%", 100 * p->target_memory);
        putchar('\n');
}

static const char *plural(unsigned n) {
        return n == 1 ? "" : "s";
}

/* What is known by one word, with a sentence for who does not know the word. */
static void print_reason(const char *reason) {
        const char *words = reason_in_words(reason);
        printf("%s%s%s", reason, words ? ": " : "", words ? words : "");
}

static void print_step(const char *id) {
        Step s;
        char when[64] = "";

        int r = journal_last_step(id, &s);
        if (r < 0) {
                printf("Last step: %s\n", r == -ENOENT ? "none in the journal" : strerror(-r));
                return;
        }
        time_t seconds = (time_t) (s.at / USEC_PER_SEC);
        struct tm tm;
        if (localtime_r(&seconds, &tm))
                (void) strftime(when, sizeof(when), "%a %Y-%m-%d %H:%M:%S %Z", &tm);
        printf("Last step: from %s to %s instances at %s\n           ", s.from, s.to, when);
        print_reason(s.reason);
        if (*s.lambda || *s.mu || *s.backlog)
                printf("\n           %s items/s arrived, an instance did %s items/s, %s items "
                       "waited",
                                *s.lambda ? s.lambda : "?", *s.mu ? s.mu : "?",
                                *s.backlog ? s.backlog : "?");
        putchar('\n');
}

static void print_instance(sd_bus *bus, const WorkerInfo *w, const InstanceInfo *i) {
        char unit[UNIT_NAME_MAX + sizeof("worker-@4294967295.service")];
        unsigned pid = 0;

        (void) snprintf(unit, sizeof(unit), "worker-%s@%u.service", w->id, i->number);
        (void) bus_get_number(bus, unit, BUS_SERVICE, "MainPID", 'u', &pid);

        bool good = STREQ(i->active, "active");
        bool bad = STREQ(i->active, "failed") || startswith(i->sub, "auto-restart");
        printf("           %s%s%s %s (%s)",
                        color(good            ? COLOR_GOOD
                                        : bad ? COLOR_BAD
                                              : COLOR_WARN),
                        i->active, color(COLOR_NORMAL), unit, i->sub);
        if (pid > 0)
                printf(", process %u", pid);
        if (i->orphaned)
                printf(", orphaned: its unit file is gone");
        else if (i->outdated)
                printf(", outdated: restart it to apply what has changed");
        putchar('\n');
}

/* The description of a refused worker's target says what is wrong. */
static void print_refusal(sd_bus *bus, const WorkerInfo *w) {
        CLEANUP(freep) char *text = NULL;
        char unit[UNIT_NAME_MAX + sizeof("worker-.target")];

        (void) snprintf(unit, sizeof(unit), "worker-%s.target", w->id);
        if (bus_get_string(bus, unit, BUS_UNIT, "Description", &text) >= 0)
                printf("           %s\n", text);
}

static void print_observed(const ScalerWorker *s) {
        printf(" Observed: %.6g items done since worker-scaler was started", s->items);
        if (s->backlog >= 0)
                printf(", %.6g wait", s->backlog);
        if (s->oldest > 0)
                printf(", the oldest for %.4g s", s->oldest);
        if (s->lambda >= 0 || s->mu > 0)
                printf("\n          ");
        if (s->lambda >= 0)
                printf(" %.4g items/s arrive", s->lambda);
        if (s->mu > 0)
                printf("%s an instance can do %.4g items/s", s->lambda >= 0 ? "," : "", s->mu);
        if (s->busy >= 0)
                printf("\n           the instances are busy %.0f %% of the time", 100 * s->busy);
        putchar('\n');
}

/* What worker-scaler sees and wants now; s is NULL when it does not say. */
static void print_scaler(const Scaling *policy, const ScalerWorker *s) {
        char span[TIMESPAN_MAX];

        if (!s && policy->found && policy->enabled)
                puts("   Wanted: not known, as worker-scaler.service can't be asked");
        if (!s || !s->scaled)
                return;
        printf("   Wanted: %u instance%s, ", s->wanted, plural(s->wanted));
        print_reason(s->reason);
        puts(STREQ(s->mode, "paused") ? " (paused, nothing is done)" : "");
        print_observed(s);
        if (s->start_delay > 0)
                printf(" Start-up: an instance takes %s until it works\n",
                                format_timespan(span, sizeof(span),
                                                s->start_delay / USEC_PER_MSEC * USEC_PER_MSEC));
}

static void print_worker(sd_bus *bus, const WorkerInfo *w, const ScalerWorker *s) {
        WorkerCount c = worker_info_count(w);
        const char *state = worker_info_state(w);
        Color dot = STREQ(state, "active") && c.failed == 0 ? COLOR_GOOD : COLOR_BAD;

        printf("%s●%s %s\n", color(dot), color(COLOR_NORMAL), w->id);
        printf("    State: %s, %u running, %u starting, %u stopping, %u failing\n", state,
                        c.running, c.starting, c.stopping, c.failed);
        if (w->refused)
                print_refusal(bus, w);
        print_policy(&w->scaling);
        print_scaler(&w->scaling, s);
        print_step(w->id);
        printf("Instances:%s\n", w->n_instances == 0 ? " none" : "");
        for (size_t i = 0; i < w->n_instances; i++)
                print_instance(bus, w, &w->instances[i]);
}

static int show(sd_bus *bus, char *id) {
        CLEANUP(worker_table_done) WorkerTable t = { 0 };
        CLEANUP(scaler_table_done) ScalerTable told = { 0 };
        char *patterns[] = { id, NULL };

        int r = worker_table_read(bus, patterns, &t);
        if (r < 0) {
                fprintf(stderr, "workerctl: worker '%s' can't be shown: %s\n", id, strerror(-r));
                return r;
        }
        if (t.n == 0) {
                fprintf(stderr, "workerctl: there is no worker '%s', see 'workerctl list'\n", id);
                return -ENOENT;
        }
        (void) scaler_table_read(bus, &told);
        for (size_t i = 0; i < t.n; i++) {
                if (i > 0)
                        putchar('\n');
                print_worker(bus, &t.workers[i], scaler_table_find(&told, t.workers[i].id));
        }
        return 0;
}

/* Exit status 4 as systemctl(1) has it: no such unit. */
int verb_status(int argc, char **argv) {
        CLEANUP(bus_closep) sd_bus *bus = NULL;
        Options options;
        int status;

        if (options_parse(argc, argv, false, help, &options, &status) <= 0)
                return status;
        if (optind >= argc) {
                fprintf(stderr, "workerctl: status needs a worker, see 'workerctl list'\n");
                return 2;
        }
        if (bus_connect(&bus) < 0)
                return EXIT_FAILURE;

        status = EXIT_SUCCESS;
        for (int i = optind; i < argc; i++) {
                int r = show(bus, argv[i]);
                if (r < 0)
                        status = r == -ENOENT ? 4 : EXIT_FAILURE;
        }
        return status;
}

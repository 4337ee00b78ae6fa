/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <time.h>

#include "bus.h"
#include "profile-files.h"
#include "profile-print.h"
#include "profile-watch.h"
#include "unit-name.h"
#include "verbs.h"
#include "worker-view.h"

static const char help[]
                = "workerctl profile [--for=SPAN] [--json] ID\n"
                  "workerctl profile --apply ID\n"
                  "workerctl profile --remove ID\n\n"
                  "Watch which system calls the instances of a worker make, and propose a drop-in\n"
                  "that allows these, what every program needs, and no others.\n\n"
                  "     --for=SPAN   Watch for so long; default: 1min\n"
                  "     --apply      Make a drop-in of what was proposed last\n"
                  "     --remove     Take it away\n"
                  "  -j --json       Print JSON\n";

#define SPAN_DEFAULT (60 * USEC_PER_SEC)

typedef struct Request {
        usec_t span; /* 0: not said */
        bool json, apply, remove;
} Request;

static int fail(const char *id, const char *what, int r) {
        fprintf(stderr, "workerctl: '%s': %s: %s\n", id, what, strerror(-r));
        return EXIT_FAILURE;
}

/* --- what it starts from --------------------------------------------------------------------- */

static bool has_profile(const WorkerView *w, const char *id) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };

        profile_path(id, &path);
        for (size_t i = 0; i < w->texts.n; i++)
                if (STREQ(w->texts.items[i].path, strbuf_string(&path)))
                        return true;
        return false;
}

/* A number is a call of one architecture only when no other's can be called. */
static const char *unfit(const SandboxView *v) {
        if (!v->filter.given || !v->filter.allow_list)
                return "its SystemCallFilter= does not list what is allowed, which a profile could "
                       "make less of";
        if (!STREQ(sandbox_view_value(v, "SystemCallArchitectures"), "native"))
                return "its SystemCallArchitectures= is not 'native', so that calls can't be told "
                       "apart by their numbers";
        return NULL;
}

/* Returns 0, or the exit status. */
static int read_worker(const char *id, WorkerView *w) {
        int r = worker_view_read(id, w);

        if (r < 0)
                return r == -ENOENT ? 4 : EXIT_FAILURE;
        const char *why = unfit(&w->view);
        if (why) {
                fprintf(stderr, "workerctl: '%s' can't have a profile: %s\n", id, why);
                return EXIT_FAILURE;
        }
        return 0;
}

/* --- watch, apply, remove -------------------------------------------------------------------- */

static void describe(const char *id, const Observation *o, usec_t watched, StrBuf *b) {
        char when[64] = "", span[TIMESPAN_MAX];
        time_t now = time(NULL);
        struct tm tm;

        if (localtime_r(&now, &tm))
                (void) strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S %Z", &tm);
        strbuf_printf(b, "Made by 'workerctl profile %s' on %s, watching for %s, starts seen: %u",
                        id, when,
                        format_timespan(span, sizeof(span), watched / USEC_PER_SEC * USEC_PER_SEC),
                        o->starts);
}

static int propose(const Request *q, const char *id, const WorkerView *w, const Observation *o,
                usec_t watched) {
        CLEANUP(strbuf_done) StrBuf about = { 0 };
        CLEANUP(proposal_done) Proposal p = { 0 };

        describe(id, o, watched, &about);
        const ProposalInput in = {
                .view = &w->view,
                .groups = &w->groups,
                .seen = &o->seen,
                .lost = o->losses > 0,
                .about = strbuf_string(&about),
                .id = id,
        };
        int r = strbuf_error(&about);
        if (r == 0)
                r = proposal_make(&in, &p);
        if (r < 0)
                return fail(id, "there is no proposal", r);
        const ProfileReport report = { id, watched, o, &p, &w->groups };
        r = q->json ? profile_print_json(&report) : profile_print_words(&report);
        if (r == 0)
                r = profile_keep(id, strbuf_string(&p.text));
        return r < 0 ? fail(id, "the proposal can't be kept", r) : EXIT_SUCCESS;
}

static int watch(const Request *q, sd_bus *bus, const char *id) {
        CLEANUP(worker_view_done) WorkerView w = { 0 };
        CLEANUP(observation_done) Observation o = { 0 };
        SyscallSet floor;
        usec_t watched;

        int status = read_worker(id, &w);
        if (status != 0)
                return status;
        if (has_profile(&w, id)) {
                fprintf(stderr,
                                "workerctl: '%s' has a profile, and what that refuses can't be "
                                "seen; take it away first with 'workerctl profile --remove %s', "
                                "and restart the instances\n",
                                id, id);
                return EXIT_FAILURE;
        }
        floor_calls(&w.groups, &floor);
        if (profile_watch(bus, id, q->span > 0 ? q->span : SPAN_DEFAULT, &floor, &o, &watched) < 0)
                return EXIT_FAILURE;
        return propose(q, id, &w, &o, watched);
}

static int reload(sd_bus *bus, const char *id, const char *what) {
        int r = bus_reload(bus);

        if (r < 0)
                return fail(id, "systemd can't reload its units", r);
        printf("%s; instances that run go on as they were, until\n"
               "'systemctl restart \"worker-%s@*.service\"'\n",
                        what, id);
        return EXIT_SUCCESS;
}

/* The unit may have changed since it was watched. */
static int apply(sd_bus *bus, const char *id) {
        CLEANUP(worker_view_done) WorkerView w = { 0 };
        CLEANUP(freep) char *text = NULL;
        SyscallSet now = { 0 }, then = { 0 };

        int status = read_worker(id, &w);
        if (status != 0)
                return status;
        int r = profile_read_kept(id, &text);
        if (r == -ENOENT) {
                fprintf(stderr,
                                "workerctl: nothing was proposed for '%s' since the system was "
                                "booted; watch it with 'workerctl profile %s'\n",
                                id, id);
                return EXIT_FAILURE;
        }
        if (r == 0)
                r = profile_allowed(&w.view, &w.groups, NULL, &now);
        if (r == 0)
                r = profile_allowed(&w.view, &w.groups, text, &then);
        if (r < 0)
                return fail(id, "the proposal can't be read", r);
        if (!syscall_set_is_within(&then, &now)) {
                fprintf(stderr,
                                "workerctl: '%s' may do less now than when it was watched, and the "
                                "profile would give it back; watch it again\n",
                                id);
                return EXIT_FAILURE;
        }
        r = profile_install(id, text);
        return r < 0 ? fail(id, "the drop-in can't be written", r)
                     : reload(bus, id, "The profile is applied");
}

static int take_away(sd_bus *bus, const char *id) {
        int r = profile_remove(id);

        if (r == -ENOENT) {
                fprintf(stderr, "workerctl: '%s' has no profile\n", id);
                return EXIT_FAILURE;
        }
        return r < 0 ? fail(id, "the drop-in can't be removed", r)
                     : reload(bus, id, "The profile is removed");
}

/* --- the verb -------------------------------------------------------------------------------- */

static bool is_id(const char *s) {
        char unit[UNIT_NAME_MAX + 1], id[UNIT_NAME_MAX + 1];
        unsigned number;
        int n = snprintf(unit, sizeof(unit), "worker-%s@1.service", s);

        return n > 0 && (size_t) n < sizeof(unit) && !strchr(s, '/')
               && parse_instance_unit(unit, id, &number) >= 0 && STREQ(id, s);
}

static int run(const Request *q, const char *id) {
        CLEANUP(bus_closep) sd_bus *bus = NULL;

        if (geteuid() != 0) {
                fprintf(stderr, "workerctl: only root may watch system calls and change units\n");
                return EXIT_FAILURE;
        }
        if (bus_connect(&bus) < 0)
                return EXIT_FAILURE;
        return q->apply ? apply(bus, id) : q->remove ? take_away(bus, id) : watch(q, bus, id);
}

/* Returns -1 to go on, else the exit status. */
static int parse_options(int argc, char **argv, Request *q) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "json", no_argument, NULL, 'j' },
                { "for", required_argument, NULL, 'f' },
                { "apply", no_argument, NULL, 'a' },
                { "remove", no_argument, NULL, 'r' },
                { 0 },
        };

        for (int c; (c = getopt_long(argc, argv, "hj", options, NULL)) >= 0;)
                switch (c) {
                case 'h':
                        fputs(help, stdout);
                        return EXIT_SUCCESS;
                case 'j':
                        q->json = true;
                        break;
                case 'f':
                        if (parse_timespan(optarg, &q->span) == 0 && q->span > 0)
                                break;
                        fprintf(stderr, "workerctl: --for: '%s' is no time span, such as 10min\n",
                                        optarg);
                        return 2;
                case 'a':
                        q->apply = true;
                        break;
                case 'r':
                        q->remove = true;
                        break;
                default:
                        return 2;
                }
        return -1;
}

int verb_profile(int argc, char **argv) {
        Request q = { 0 };

        int status = parse_options(argc, argv, &q);
        if (status >= 0)
                return status;
        if (argc - optind != 1 || q.apply + q.remove + (q.span > 0 || q.json) > 1) {
                fprintf(stderr, "workerctl: profile needs one worker, and either --apply, or "
                                "--remove, or a watch; see 'workerctl profile --help'\n");
                return 2;
        }
        if (!is_id(argv[optind])) {
                fprintf(stderr, "workerctl: '%s' is no ID of a worker, see 'workerctl list'\n",
                                argv[optind]);
                return 2;
        }
        return run(&q, argv[optind]);
}

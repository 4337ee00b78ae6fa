/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include "plugin.h"
#include "spool-watch.h"

/* spool: reports how many files wait in a directory. */

#define TICK_USEC USEC_PER_SEC /* how often "oldest" moves on while something waits */

#define CHECK_USEC   (10 * USEC_PER_SEC) /* how often one stat(2) looks for a dead bind mount */
#define MISSING_USEC (60 * USEC_PER_SEC) /* how long the directory may be missing in a service */

enum { TICK_ACCURACY_USEC = 50 * USEC_PER_MSEC };

typedef struct Spool {
        SpoolConfig config;
        Plugin *plugin;
        SpoolWatch *watch;
        sd_event_source *events, *tick, *check;
        SpoolFacts told;  /* as last reported */
        unsigned missing; /* checks in a row that did not find the directory */
} Spool;

static bool parse_arguments(Spool *s, int argc, char **argv, int *ret_exit) {
        const Option table[] = {
                { .name = "directory",
                                .value = "DIR",
                                .help = "the directory whose files wait for a worker",
                                .type = OPTION_PATH,
                                .required = true,
                                .string = &s->config.directory },
                { .name = "glob",
                                .value = "PATTERN",
                                .help = "count only files whose name matches, such as '*.pdf'",
                                .type = OPTION_STRING,
                                .string = &s->config.filter.glob },
                { .name = "ignore",
                                .value = "SUFFIX",
                                .help = "don't count files whose name ends so; may be repeated",
                                .type = OPTION_STRINGS,
                                .strings = &s->config.filter.ignore },
                { .name = "recursive",
                                .value = "BOOL",
                                .help = "count in sub-directories, too (default: no)",
                                .type = OPTION_BOOL,
                                .boolean = &s->config.recursive },
        };
        return plugin_options("Reports how many files wait in a directory.", table,
                        ARRAY_SIZE(table), argc, argv, ret_exit);
}

static void spool_done(Spool *s) {
        sd_event_source_disable_unref(s->events);
        sd_event_source_disable_unref(s->tick);
        sd_event_source_disable_unref(s->check);
        spool_watch_free(s->watch);
        plugin_free(s->plugin);
}

static void log_error(const Spool *s, int error) {
        const char *hint = error == -EACCES   ? "; give its user the right to list the directory"
                           : error == -ENOSPC ? "; raise fs.inotify.max_user_watches"
                           : error == -EMFILE ? "; raise fs.inotify.max_user_instances"
                                              : "";
        plugin_log(SD_ERR, "can't watch '%s': %s%s", s->config.directory, strerror(-error), hint);
}

/* One line for each thing that an administrator should know, when it begins. */
static void log_changes(const Spool *s, const SpoolFacts *now) {
        const char *directory = s->config.directory;

        if (now->present != s->told.present)
                plugin_log(SD_NOTICE,
                                now->present ? "counting in '%s'"
                                             : "'%s' is not there, waiting for it",
                                directory);
        if (now->overflows != s->told.overflows)
                plugin_log(SD_NOTICE, "events of '%s' were lost, counted anew", directory);
        if (now->unreadable > s->told.unreadable)
                plugin_log(SD_WARNING,
                                "%u sub-directories of '%s' can't be read, not counting in them",
                                now->unreadable, directory);
        if (now->incomplete && !s->told.incomplete)
                plugin_log(SD_WARNING, "more than %d files in '%s', counting no further",
                                SPOOL_NAMES_MAX, directory);
}

static void tell_status(const Spool *s, const SpoolFacts *now) {
        if (!now->present)
                plugin_status(s->plugin, "Waiting for '%s'", s->config.directory);
        else
                plugin_status(s->plugin, "%zu files wait in '%s'", now->backlog,
                                s->config.directory);
}

/* Reports what the watch knows. */
static int report(Spool *s) {
        SpoolFacts now;
        Report *r = plugin_report(s->plugin);

        spool_watch_facts(s->watch, &now);
        log_changes(s, &now);

        /* the names are valid and the values in range: these don't fail */
        (void) report_gauge(r, "backlog", (double) now.backlog);
        (void) report_gauge(r, "oldest", now.oldest);
        (void) report_count(r, "arrived", (double) (now.arrived - s->told.arrived));

        int e = 0;
        if (now.backlog + now.unsettled > 0) {
                int enabled = SD_EVENT_OFF;
                (void) sd_event_source_get_enabled(s->tick, &enabled);
                if (enabled == SD_EVENT_OFF)
                        e = sd_event_source_set_time_relative(s->tick, TICK_USEC);
                if (e >= 0)
                        e = sd_event_source_set_enabled(s->tick, SD_EVENT_ONESHOT);
        } else {
                e = sd_event_source_set_enabled(s->tick, SD_EVENT_OFF);
                tell_status(s, &now);
        }
        s->told = now;
        return e < 0 ? e : plugin_report_changed(s->plugin);
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        Spool *s = userdata;
        (void) source;
        (void) fd;
        (void) revents;

        int r = spool_watch_dispatch(s->watch);
        if (r < 0) {
                log_error(s, r);
                return sd_event_exit(plugin_event(s->plugin), EXIT_FAILURE);
        }
        return report(s);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata) {
        Spool *s = userdata;
        (void) source;
        (void) usec;

        int r = spool_watch_settle(s->watch);
        if (r >= 0)
                r = report(s);
        if (r >= 0)
                tell_status(s, &s->told);
        return r;
}

/* In the sandbox of a service the directory is a bind mount, made when the service starts: what
 * takes its place outside is never seen. Only a new start helps then. */
static int on_check(sd_event_source *source, uint64_t usec, void *userdata) {
        Spool *s = userdata;
        (void) usec;

        s->missing = s->told.present ? 0 : s->missing + 1;
        bool missing = getenv("NOTIFY_SOCKET") && s->missing >= MISSING_USEC / CHECK_USEC;
        if (missing || spool_watch_is_orphaned(s->watch)) {
                plugin_log(SD_WARNING,
                                missing ? "'%s' is still not there, ending to look from outside"
                                        : "'%s' was deleted behind a bind mount, ending to find "
                                          "the new one",
                                s->config.directory);
                return sd_event_exit(plugin_event(s->plugin), EX_TEMPFAIL);
        }
        int r = sd_event_source_set_time_relative(source, CHECK_USEC);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int start(Spool *s) {
        int r = plugin_new(&s->plugin);
        if (r < 0) {
                plugin_log(SD_ERR, "can't start: %s", strerror(-r));
                return r;
        }

        r = spool_watch_new(&s->config, &s->watch);
        if (r < 0) {
                log_error(s, r);
                return r;
        }

        s->told.present = true; /* so that only its absence is worth a line */
        sd_event *event = plugin_event(s->plugin);
        r = sd_event_add_io(event, &s->events, spool_watch_fd(s->watch), EPOLLIN, on_events, s);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(event, &s->tick, CLOCK_MONOTONIC, TICK_USEC,
                        TICK_ACCURACY_USEC, on_tick, s);
        if (r >= 0)
                r = sd_event_add_time_relative(
                                event, &s->check, CLOCK_MONOTONIC, CHECK_USEC, 0, on_check, s);
        return r < 0 ? r : report(s);
}

int main(int argc, char **argv) {
        CLEANUP(spool_done) Spool spool = { 0 };
        int code;

        if (!parse_arguments(&spool, argc, argv, &code))
                return code;

        if (start(&spool) < 0)
                return EXIT_FAILURE;
        tell_status(&spool, &spool.told);
        return plugin_run(spool.plugin);
}

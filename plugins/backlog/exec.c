/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include "exec-run.h"
#include "health.h"
#include "plugin.h"
#include "samples.h"
#include "words.h"

/* exec: runs a command at an interval and reports the number, or the StatsD lines, that it prints.
 */

#define INTERVAL_MIN_USEC (100 * USEC_PER_MSEC)
#define SPAN_MAX_USEC     (24 * 3600ULL * USEC_PER_SEC)

enum {
        TIMER_ACCURACY_USEC = 50 * USEC_PER_MSEC,
        EXCERPT_LENGTH = 100,
};

/* Why a run yields no value; what a RunOutcome leaves open is decided here. */
typedef enum Condition {
        CONDITION_NOT_STARTED = 1, /* detail: errno */
        CONDITION_EXITED,          /* detail: exit code, not 0 */
        CONDITION_SIGNALED,        /* detail: signal */
        CONDITION_TIMED_OUT,
        CONDITION_TOO_MUCH,
        CONDITION_GARBAGE,
} Condition;

typedef struct Exec {
        OptionValues command;
        usec_t interval, timeout, keep;
        Words argv;
        char **environment; /* borrows the strings of environ */
        Plugin *plugin;
        Run *run;
        Health *health;
        sd_event_source *next;
        usec_t started;
} Exec;

static void exec_done(Exec *x) {
        sd_event_source_disable_unref(x->next);
        run_free(x->run);
        health_free(x->health);
        plugin_free(x->plugin);
        words_done(&x->argv);
        free(x->environment);
}

static bool parse_arguments(Exec *x, int argc, char **argv, int *ret_exit) {
        const Option table[] = {
                { .name = "command",
                                .value = "COMMAND",
                                .help = "what prints the backlog; repeated: its words, one each",
                                .type = OPTION_STRINGS,
                                .required = true,
                                .strings = &x->command },
                { .name = "interval",
                                .value = "TIME",
                                .help = "from one run to the next (default: 5s)",
                                .type = OPTION_TIMESPAN,
                                .min = INTERVAL_MIN_USEC,
                                .max = SPAN_MAX_USEC,
                                .timespan = &x->interval },
                { .name = "timeout",
                                .value = "TIME",
                                .help = "the longest that a run may take (default: 10s)",
                                .type = OPTION_TIMESPAN,
                                .min = INTERVAL_MIN_USEC,
                                .max = SPAN_MAX_USEC,
                                .timespan = &x->timeout },
                { .name = "keep",
                                .value = "TIME",
                                .help
                                = "how long the last value holds while runs fail (default: 30s)",
                                .type = OPTION_TIMESPAN,
                                .max = SPAN_MAX_USEC,
                                .timespan = &x->keep },
        };
        return plugin_options("Runs a command at an interval and reports what it prints.", table,
                        ARRAY_SIZE(table), argc, argv, ret_exit);
}

/* One value is a command line, several are its words. */
static int make_argv(Exec *x) {
        CLEANUP(strbuf_done) StrBuf message = { 0 };
        int r = 0;

        if (x->command.n == 1)
                r = words_split(&x->argv, x->command.items[0], &message);
        else
                for (size_t i = 0; i < x->command.n && r >= 0; i++)
                        r = words_add(&x->argv, x->command.items[i]);
        if (r >= 0 && x->argv.n == 0) {
                strbuf_append(&message, "'--command=' holds no command");
                r = -EINVAL;
        }
        if (r < 0)
                plugin_log(SD_ERR, "%s", r == -ENOMEM ? strerror(-r) : strbuf_string(&message));
        return r;
}

/* The command doesn't speak to the service manager for us. */
static int make_environment(Exec *x) {
        static const char *const ours[] = { "NOTIFY_SOCKET=", "WATCHDOG_PID=", "WATCHDOG_USEC=",
                "LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=" };
        size_t n = 0;

        while (environ[n])
                n++;
        x->environment = calloc(n + 1, sizeof(char *));
        if (!x->environment)
                return -ENOMEM;

        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
                bool skip = false;
                for (size_t k = 0; k < ARRAY_SIZE(ours); k++)
                        skip = skip || startswith(environ[i], ours[k]);
                if (!skip)
                        x->environment[kept++] = environ[i];
        }
        return 0;
}

/* The first line of what was printed, fit to be logged. */
static void append_excerpt(StrBuf *b, const char *text) {
        size_t n = strcspn(text, "\n");

        strbuf_append_char(b, '\'');
        for (size_t i = 0; i < n && i < EXCERPT_LENGTH; i++) {
                bool control = (unsigned char) text[i] < ' ' || text[i] == 0x7f;
                strbuf_append_n(b, control ? "?" : text + i, 1);
        }
        strbuf_append(b, n > EXCERPT_LENGTH ? "…'" : "'");
}

static void describe(const Exec *x, Condition condition, int detail, const RunResult *result,
                StrBuf *b) {
        char span[TIMESPAN_MAX];

        switch (condition) {
        case CONDITION_NOT_STARTED:
                strbuf_printf(b, "can't be started: %s", strerror(detail));
                break;
        case CONDITION_EXITED:
                strbuf_printf(b, "failed with exit code %d", detail);
                break;
        case CONDITION_SIGNALED:
                strbuf_printf(b, "was killed by signal %d (%s)", detail, strsignal(detail));
                break;
        case CONDITION_TIMED_OUT:
                strbuf_printf(b, "took longer than %s and was killed",
                                format_timespan(span, sizeof(span), x->timeout));
                break;
        case CONDITION_TOO_MUCH:
                strbuf_printf(b, "printed more than %d bytes and was killed", RUN_OUTPUT_MAX);
                break;
        case CONDITION_GARBAGE:
                if (*result->output == '\0')
                        strbuf_append(b, "printed nothing");
                else {
                        strbuf_append(b, "printed neither a number nor StatsD lines but ");
                        append_excerpt(b, result->output);
                }
                break;
        }
        if (result && *result->errors != '\0') {
                strbuf_append(b, ", its error message: ");
                append_excerpt(b, result->errors);
        }
}

/* result is NULL when the command could not be started. */
static int run_failed(Exec *x, Condition condition, int detail, const RunResult *result) {
        enum { DETAILS = 1 << 16 }; /* more than there are exit codes, signals and errnos */
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        describe(x, condition, detail, result, &b);
        return health_bad(x->health, (int) condition * DETAILS + detail, strbuf_string(&b));
}

/* From start to start; a run that took longer is followed by the next at once. */
static int plan_next(Exec *x) {
        int r = sd_event_source_set_time(x->next, x->started + x->interval);
        return r < 0 ? r : sd_event_source_set_enabled(x->next, SD_EVENT_ONESHOT);
}

static int report_output(Exec *x, const RunResult *result) {
        Sample samples[REPORT_METRICS_MAX];

        int n = samples_parse(result->output, samples);
        if (n < 0 || samples_report(samples, (size_t) n, plugin_report(x->plugin)) < 0)
                return run_failed(x, CONDITION_GARBAGE, 0, result);

        int r = health_good(x->health);
        return r < 0 ? r : plugin_report_changed(x->plugin);
}

static int on_done(const RunResult *result, void *userdata) {
        static const Condition conditions[] = {
                [RUN_EXITED] = CONDITION_EXITED,
                [RUN_SIGNALED] = CONDITION_SIGNALED,
                [RUN_TIMED_OUT] = CONDITION_TIMED_OUT,
                [RUN_PRINTED_TOO_MUCH] = CONDITION_TOO_MUCH,
        };
        Exec *x = userdata;

        int r = result->outcome == RUN_EXITED && result->detail == 0
                                ? report_output(x, result)
                                : run_failed(x, conditions[result->outcome], result->detail,
                                                result);
        return r < 0 ? r : plan_next(x);
}

static int on_next(sd_event_source *source, uint64_t usec, void *userdata) {
        Exec *x = userdata;
        (void) source;
        (void) usec;

        int r = sd_event_now(plugin_event(x->plugin), CLOCK_MONOTONIC, &x->started);
        if (r < 0)
                return r;

        r = run_start(x->run, x->argv.items, x->environment);
        if (r >= 0)
                return 0;
        r = run_failed(x, CONDITION_NOT_STARTED, -r, NULL);
        return r < 0 ? r : plan_next(x);
}

static int start(Exec *x) {
        int r = plugin_new(&x->plugin);
        if (r < 0)
                return r;

        sd_event *event = plugin_event(x->plugin);
        r = health_new(x->plugin, x->argv.items[0], x->keep, &x->health);
        if (r >= 0)
                r = make_environment(x);
        if (r >= 0)
                r = run_new(event, x->timeout, on_done, x, &x->run);
        if (r >= 0)
                r = sd_event_add_time(event, &x->next, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_USEC,
                                on_next, x);
        return r;
}

int main(int argc, char **argv) {
        CLEANUP(exec_done)
        Exec exec = {
                .interval = 5 * USEC_PER_SEC,
                .timeout = 10 * USEC_PER_SEC,
                .keep = 30 * USEC_PER_SEC,
        };
        int code;

        if (!parse_arguments(&exec, argc, argv, &code))
                return code;
        if (make_argv(&exec) < 0)
                return EX_USAGE;

        int r = start(&exec);
        if (r < 0) {
                plugin_log(SD_ERR, "can't start: %s", strerror(-r));
                return EXIT_FAILURE;
        }
        return plugin_run(exec.plugin);
}

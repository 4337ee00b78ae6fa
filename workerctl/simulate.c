/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <sys/ioctl.h>

#include "io.h"
#include "number.h"
#include "plot.h"
#include "policy-source.h"
#include "simulate-stdio.h"
#include "verbs.h"

/* workerctl simulate: reads traces, plays them, prints what came of it. An option wins over the
 * policy of a manifest or unit, which wins over what the trace says of itself, which wins over the
 * default. */

#define TRACE_SIZE_MAX   ((size_t) 256 * 1024 * 1024)
#define REPLICAS_MAX     10000U
#define DURATION_MAX_SEC (31.0 * 86400)
#define ITEMS_MAX        1e9 /* of one second */
#define WAIT_DEFAULT     (10 * USEC_PER_SEC)

typedef struct Options {
        Policy policy;
        bool stdio;
        double mu;          /* items/s; negative: not given, as below */
        double start_delay; /* s */
        bool wait_given, min_given, max_given, scale_down_given;
        uint64_t seed;
        const char *svg;
} Options;

enum {
        OPTION_STDIO = 256,
        OPTION_TARGET_WAIT,
        OPTION_MIN,
        OPTION_MAX,
        OPTION_SCALE_DOWN_AFTER,
        OPTION_CAPACITY,
        OPTION_START_DELAY,
        OPTION_SEED,
        OPTION_SVG,
};

static void help(void) {
        printf("workerctl simulate [OPTION...] [MANIFEST|UNIT] TRACE...\n"
               "workerctl simulate --stdio [OPTION...] [MANIFEST|UNIT]\n\n"
               "Play load through the scaling engine: what would it have cost, what would have "
               "been late?\nThe policy is that of a manifest (FILE.yaml), of a target's file "
               "(DIR/FILE.target),\nor of a target or worker that systemd knows. "
               "A trace is a file with rows\n'seconds,items_per_second'.\n\n"
               "  -h --help                   Show this help\n"
               "     --target-wait SPAN       The longest an item should wait (10s)\n"
               "     --min N --max N          Least and most instances (1 and 100)\n"
               "     --scale-down-after SPAN  Keep unneeded instances for at most that long\n"
               "                              (as long as it pays)\n"
               "     --capacity RATE          Items per second that one instance does (10); the\n"
               "                              engine is not told\n"
               "     --start-delay SPAN       From start to serving (2s); likewise\n"
               "     --seed N                 Other arrivals of the same rate (1)\n"
               "     --svg FILE               Draw the run; one trace only\n"
               "     --stdio                  Answer observations from standard input\n\n"
               "A span without a unit is in seconds. See workerctl(1).\n");
}

static int parse_seconds(const char *s, double *ret) {
        usec_t span;
        int r = parse_timespan(s, &span);
        if (r < 0)
                return r;
        if (span > 86400 * USEC_PER_SEC)
                return -ERANGE;
        *ret = (double) span / USEC_PER_SEC;
        return 0;
}

static int parse_replicas(const char *s, unsigned *ret) {
        unsigned n;
        int r = parse_unsigned(s, &n);
        if (r < 0)
                return r;
        if (n > REPLICAS_MAX)
                return -ERANGE;
        *ret = n;
        return 0;
}

static int parse_rate(const char *s, double *ret) {
        double x;
        int r = parse_double(s, &x);
        if (r < 0)
                return r;
        if (!(x > 0))
                return -ERANGE;
        *ret = x;
        return 0;
}

static int parse_option(Options *o, int c) {
        switch (c) {
        case OPTION_STDIO:
                o->stdio = true;
                return 0;
        case OPTION_TARGET_WAIT:
                o->wait_given = true;
                return parse_timespan(optarg, &o->policy.target_wait);
        case OPTION_MIN:
                o->min_given = true;
                return parse_replicas(optarg, &o->policy.min_replicas);
        case OPTION_MAX:
                o->max_given = true;
                return parse_replicas(optarg, &o->policy.max_replicas);
        case OPTION_SCALE_DOWN_AFTER:
                o->scale_down_given = true;
                return parse_timespan(optarg, &o->policy.scale_down_after);
        case OPTION_CAPACITY:
                return parse_rate(optarg, &o->mu);
        case OPTION_START_DELAY:
                return parse_seconds(optarg, &o->start_delay);
        case OPTION_SEED:
                return parse_u64(optarg, &o->seed);
        case OPTION_SVG:
                o->svg = optarg;
                return 0;
        default:
                return -EINVAL;
        }
}

/* Returns 0, 1 when help was asked for, or -EINVAL after a message. */
static int parse_options(int argc, char **argv, Options *o) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "stdio", no_argument, NULL, OPTION_STDIO },
                { "target-wait", required_argument, NULL, OPTION_TARGET_WAIT },
                { "min", required_argument, NULL, OPTION_MIN },
                { "max", required_argument, NULL, OPTION_MAX },
                { "scale-down-after", required_argument, NULL, OPTION_SCALE_DOWN_AFTER },
                { "capacity", required_argument, NULL, OPTION_CAPACITY },
                { "start-delay", required_argument, NULL, OPTION_START_DELAY },
                { "seed", required_argument, NULL, OPTION_SEED },
                { "svg", required_argument, NULL, OPTION_SVG },
                { 0 },
        };
        int c, index = 0;

        while ((c = getopt_long(argc, argv, "h", options, &index)) >= 0) {
                if (c == '?')
                        return -EINVAL;
                if (c == 'h') {
                        help();
                        return 1;
                }
                if (parse_option(o, c) < 0) {
                        fprintf(stderr, "workerctl: '%s' is no value for --%s\n", optarg,
                                        options[index].name);
                        return -EINVAL;
                }
        }
        return 0;
}

/* What no option has said. */
static void use_policy(Options *o, const Policy *p) {
        Policy merged = *p;

        if (o->wait_given)
                merged.target_wait = o->policy.target_wait;
        if (o->min_given)
                merged.min_replicas = o->policy.min_replicas;
        if (o->max_given)
                merged.max_replicas = o->policy.max_replicas;
        if (o->scale_down_given)
                merged.scale_down_after = o->policy.scale_down_after;
        if (merged.target_cpu > 0 || merged.target_memory > 0)
                fprintf(stderr, "workerctl: the targets of CPU and memory are left out: a trace "
                                "does not tell what an item uses\n");
        merged.target_cpu = merged.target_memory = 0;
        o->policy = merged;
        o->wait_given = o->min_given = o->max_given = true;
}

/* The policy, if the first argument names one; then the traces begin behind it. Returns 0, -EINVAL
 * when the command line is wrong, or another negative errno, both after a message. */
static int parse_arguments(int argc, char **argv, Options *o) {
        CLEANUP(scaling_done) Scaling scaling;

        scaling_init(&scaling);
        if (optind < argc && is_policy_source(argv[optind])) {
                int r = policy_read(argv[optind++], &scaling);
                if (r < 0)
                        return r == -EINVAL ? -EBADMSG : r;
                use_policy(o, &scaling.policy);
        }
        if (o->policy.min_replicas > o->policy.max_replicas)
                fprintf(stderr, "workerctl: the minimum, %u, is larger than the maximum, %u\n",
                                o->policy.min_replicas, o->policy.max_replicas);
        else if (o->stdio == (optind < argc))
                fprintf(stderr, "workerctl: give either traces or --stdio, see 'workerctl simulate "
                                "--help'\n");
        else if (o->svg && argc - optind > 1)
                fprintf(stderr, "workerctl: --svg draws one trace, there are %d\n", argc - optind);
        else
                return 0;
        return -EINVAL;
}

static int read_trace(const char *path, Trace *ret) {
        CLEANUP(freep) char *text = NULL;
        unsigned line;

        int r = read_file_at(AT_FDCWD, path, TRACE_SIZE_MAX, &text, NULL);
        if (r < 0) {
                fprintf(stderr, "workerctl: %s: %s\n", path, strerror(-r));
                return r;
        }
        r = trace_parse(text, ret, &line);
        if (r == -EINVAL && line > 0)
                fprintf(stderr,
                                "workerctl: %s:%u: not a row 'seconds,items_per_second' later than "
                                "the one before\n",
                                path, line);
        else if (r == -EINVAL)
                fprintf(stderr, "workerctl: %s: fewer than two rows\n", path);
        else if (r < 0)
                fprintf(stderr, "workerctl: %s: %s\n", path, strerror(-r));
        return r;
}

static int check_trace(const char *path, const Trace *t) {
        double peak = 0;
        for (size_t i = 0; i < t->n; i++)
                peak = fmax(peak, t->rate[i].value);
        if (trace_duration(t) <= DURATION_MAX_SEC && peak <= ITEMS_MAX)
                return 0;
        fprintf(stderr, "workerctl: %s: more than 31 days or 1e9 items per second, refusing\n",
                        path);
        return -ERANGE;
}

/* Option, else trace, else default. */
static ModelOptions settle(const Options *o, const Trace *t) {
        ModelOptions m = {
                .policy = o->policy,
                .mu = o->mu > 0   ? o->mu
                      : t->mu > 0 ? t->mu
                                  : 10,
                .start_delay = o->start_delay >= 0 ? o->start_delay
                               : t->delay >= 0     ? fmin(t->delay, 86400)
                                                   : 2,
                .seed = o->seed,
        };
        if (!o->wait_given && t->wait > 0)
                m.policy.target_wait = (usec_t) (fmin(t->wait, 86400) * USEC_PER_SEC);
        if (!o->min_given && t->min >= 0)
                m.policy.min_replicas = (unsigned) fmin(t->min, REPLICAS_MAX);
        if (!o->max_given && t->max >= 0)
                m.policy.max_replicas = (unsigned) fmin(t->max, REPLICAS_MAX);
        if (m.policy.max_replicas < m.policy.min_replicas)
                m.policy.max_replicas = m.policy.min_replicas;
        m.wait = m.policy.target_wait > 0 && m.policy.target_wait != USEC_INFINITY
                                 ? m.policy.target_wait
                                 : WAIT_DEFAULT;
        return m;
}

static unsigned terminal_columns(void) {
        struct winsize w;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
                return 80;
        return w.ws_col;
}

static void print_result(const char *path, const ModelOptions *m, const ModelResult *r) {
        char wait[TIMESPAN_MAX];

        printf("%s: %.1f h, %.0f items, at most %s, %u to %u instances of %g items/s\n", path,
                        r->hours, r->items, format_timespan(wait, sizeof(wait), m->wait),
                        m->policy.min_replicas, m->policy.max_replicas, m->mu);
        printf("  late %.2f %%   waits: median %.2f s, 99 %% below %.2f s\n",
                        r->items > 0 ? 100 * r->late / r->items : 0, r->wait_median, r->wait_99);
        printf("  cost %.3f of the least possible (%.0f instance-seconds, bound %.0f)\n",
                        r->bound > 0 ? r->instance_seconds / r->bound : NAN, r->instance_seconds,
                        r->bound);
        printf("  %.0f starts and %.0f stops an hour, at most %u instances\n\n",
                        r->starts / r->hours, r->stops / r->hours, r->peak);
        (void) plot_terminal(stdout, r, terminal_columns(), STREQ(nl_langinfo(CODESET), "UTF-8"));
}

static int write_svg(
                const char *file, const char *title, const ModelOptions *m, const ModelResult *r) {
        FILE *f = fopen(file, "we");
        int e = f ? plot_svg(f, r, title, (double) m->wait / USEC_PER_SEC) : -errno;
        if (f && fclose(f) != 0 && e >= 0)
                e = -errno;
        if (e < 0)
                fprintf(stderr, "workerctl: %s: %s\n", file, strerror(-e));
        return e;
}

static int simulate_trace(const Options *o, const char *path) {
        CLEANUP(trace_done) Trace trace = { 0 };
        CLEANUP(model_result_done) ModelResult result = { 0 };

        int r = read_trace(path, &trace);
        if (r < 0)
                return r;
        r = check_trace(path, &trace);
        if (r < 0)
                return r;
        ModelOptions m = settle(o, &trace);
        r = model_run(&trace, &m, &result);
        if (r < 0) {
                fprintf(stderr, "workerctl: %s: %s\n", path, strerror(-r));
                return r;
        }
        print_result(path, &m, &result);
        return o->svg ? write_svg(o->svg, path, &m, &result) : 0;
}

int verb_simulate(int argc, char **argv) {
        Options o = {
                .policy = { .min_replicas = 1,
                                .max_replicas = 100,
                                .target_wait = WAIT_DEFAULT,
                                .scale_down_after = USEC_INFINITY },
                .mu = -1,
                .start_delay = -1,
                .seed = 1,
        };

        int r = parse_options(argc, argv, &o);
        if (r == 0)
                r = parse_arguments(argc, argv, &o);
        if (r != 0)
                return r > 0 ? EXIT_SUCCESS : r == -EINVAL ? 2 : EXIT_FAILURE;
        if (o.stdio) {
                r = simulate_stdio(&o.policy, stdin, stdout);
                if (r < 0)
                        fprintf(stderr, "workerctl: standard input or output: %s\n", strerror(-r));
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        }

        (void) setlocale(LC_CTYPE, ""); /* for the plot; numbers stay as they are */
        int first_error = 0;
        for (int i = optind; i < argc; i++) {
                r = simulate_trace(&o, argv[i]);
                if (r < 0 && first_error == 0)
                        first_error = r;
                if (i + 1 < argc)
                        putchar('\n');
        }
        return first_error < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <termios.h>

#include "bus.h"
#include "number.h"
#include "print.h"
#include "scaler.h"
#include "sparkline.h"
#include "verbs.h"

enum { CTRL_C = 3 }; /* a key like others, so that the terminal is put back */

/* What was seen of one worker so far. */
typedef struct Row {
        char id[UNIT_NAME_MAX + 1];
        double items;
        History throughput, instances;
        double rate; /* items/s, negative: unknown */
} Row;

typedef struct Top {
        sd_bus *bus;
        Row *rows; /* owned, sorted like the table */
        size_t n;
        usec_t before;
        bool terminal;
} Top;

static void top_done(Top *t) {
        sd_bus_flush_close_unref(t->bus);
        free(t->rows);
}

static const Row *find_row(const Top *t, const char *id) {
        for (size_t i = 0; i < t->n; i++)
                if (STREQ(t->rows[i].id, id))
                        return &t->rows[i];
        return NULL;
}

static int update(Top *t, const ScalerTable *table) {
        usec_t now = monotonic_usec();
        Row *rows = calloc(table->n + 1, sizeof(Row));
        if (!rows)
                return -ENOMEM;

        for (size_t i = 0; i < table->n; i++) {
                const ScalerWorker *w = &table->workers[i];
                const Row *before = find_row(t, w->id);
                Row *row = &rows[i];

                if (before)
                        *row = *before;
                (void) snprintf(row->id, sizeof(row->id), "%s", w->id);
                /* a scaler that was restarted counts from 0 */
                row->rate = before && now > t->before && w->items >= before->items
                                            ? (w->items - before->items) * USEC_PER_SEC
                                                              / (double) (now - t->before)
                                            : -1;
                row->items = w->items;
                if (row->rate >= 0)
                        history_add(&row->throughput, row->rate);
                history_add(&row->instances, w->running);
        }
        free(t->rows);
        t->rows = rows;
        t->n = table->n;
        t->before = now;
        return 0;
}

static void figure(StrBuf *b, double value, bool known) {
        if (known)
                strbuf_printf(b, " %9.4g", value);
        else
                strbuf_printf(b, " %9s", "-");
}

static void draw(const Top *t, const ScalerTable *table) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        if (t->terminal)
                strbuf_append(&b, "\x1b[H");
        strbuf_printf(&b, "%s%-24s %-7s %4s %4s %9s %9s %-*s %-*s %s%s%s\n", color(COLOR_DIM),
                        "WORKER", "MODE", "RUN", "WANT", "BACKLOG", "ITEMS/S", HISTORY_SIZE,
                        "THROUGHPUT", HISTORY_SIZE, "INSTANCES", "REASON", color(COLOR_NORMAL),
                        t->terminal ? "\x1b[K" : "");
        for (size_t i = 0; i < table->n; i++) {
                const ScalerWorker *w = &table->workers[i];
                char wanted[16] = "-"; /* whoever is not scaled */
                if (w->scaled)
                        (void) snprintf(wanted, sizeof(wanted), "%u", w->wanted);
                strbuf_printf(&b, "%-24s %-7s %4u %4s", w->id, w->scaled ? w->mode : "off",
                                w->running, wanted);
                figure(&b, w->backlog, w->backlog >= 0);
                figure(&b, t->rows[i].rate, t->rows[i].rate >= 0);
                strbuf_append_char(&b, ' ');
                history_draw(&t->rows[i].throughput, &b);
                strbuf_append_char(&b, ' ');
                history_draw(&t->rows[i].instances, &b);
                strbuf_append_all(&b, " ", w->scaled ? w->reason : "-",
                                t->terminal ? "\x1b[K\n" : "\n", NULL);
        }
        if (t->terminal)
                strbuf_append(&b, "\x1b[J");
        fputs(strbuf_string(&b), stdout);
        (void) fflush(stdout);
}

/* Waits for a key or for the time to pass; true: it is to end. */
static bool wait_or_quit(const Top *t, unsigned seconds) {
        struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
        char key;

        int r = poll(&p, t->terminal ? 1 : 0, (int) seconds * 1000);
        if (r <= 0)
                return r < 0;
        return read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == CTRL_C;
}

static int run(Top *t, unsigned iterations, unsigned seconds) {
        for (unsigned i = 0; iterations == 0 || i < iterations; i++) {
                CLEANUP(scaler_table_done) ScalerTable table = { 0 };

                if (i > 0 && wait_or_quit(t, seconds))
                        break;
                int r = scaler_table_read(t->bus, &table);
                if (r >= 0)
                        r = update(t, &table);
                if (r < 0)
                        return r;
                draw(t, &table);
        }
        return 0;
}

/* The terminal gives keys at once and does not show them; what it was is put back in the end. */
static int run_on_terminal(Top *t, unsigned iterations, unsigned seconds) {
        struct termios before, raw;
        bool keys = tcgetattr(STDIN_FILENO, &before) >= 0;

        if (keys) {
                raw = before;
                raw.c_lflag &= ~((tcflag_t) ICANON | ECHO | ISIG);
                (void) tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        }
        fputs("\x1b[?1049h\x1b[?25l", stdout);
        int r = run(t, iterations, seconds);
        fputs("\x1b[?25h\x1b[?1049l", stdout);
        if (keys)
                (void) tcsetattr(STDIN_FILENO, TCSANOW, &before);
        return r;
}

static const char help[]
                = "workerctl top [OPTION...]\n\n"
                  "Show workers as they are scaled, each second, with what each did before.\n"
                  "On a terminal, q ends it.\n\n"
                  "  MODE         auto, paused, fixed (by 'workerctl scale'), or off: not scaled\n"
                  "  RUN, WANT    instances that run, and that are wanted\n"
                  "  BACKLOG      items that wait\n"
                  "  ITEMS/S      done in the last second; THROUGHPUT is that over time\n"
                  "  REASON       why so many are wanted, see worker.scaling(5)\n\n"
                  "  -d --delay=SECONDS   Time between two looks, default 1\n"
                  "  -n --iterations=N    End after so many looks\n";

/* Returns 1 to go on, else *ret_status is what to exit with. */
static int parse_arguments(int argc, char **argv, unsigned *ret_delay, unsigned *ret_iterations,
                int *ret_status) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "delay", required_argument, NULL, 'd' },
                { "iterations", required_argument, NULL, 'n' },
                { 0 },
        };

        *ret_status = 2;
        for (int c; (c = getopt_long(argc, argv, "hd:n:", options, NULL)) >= 0;) {
                if (c == 'h') {
                        fputs(help, stdout);
                        *ret_status = EXIT_SUCCESS;
                        return 0;
                }
                unsigned *number = c == 'd' ? ret_delay : ret_iterations;
                if (c == '?')
                        return 0;
                if (parse_unsigned(optarg, number) < 0 || *number == 0 || *number > 86400) {
                        fprintf(stderr, "workerctl: '%s' must be a number from 1 to 86400\n",
                                        optarg);
                        return 0;
                }
        }
        return 1;
}

int verb_top(int argc, char **argv) {
        CLEANUP(top_done) Top t = { .terminal = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO) };
        unsigned delay = 1, iterations = 0;
        int status;

        if (parse_arguments(argc, argv, &delay, &iterations, &status) <= 0)
                return status;
        if (bus_connect(&t.bus) < 0)
                return EXIT_FAILURE;
        int r = t.terminal ? run_on_terminal(&t, iterations, delay) : run(&t, iterations, delay);
        if (r < 0) {
                fprintf(stderr, "workerctl: worker-scaler can't be asked: %s\n",
                                r == -ENXIO ? "it does not run" : strerror(-r));
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}

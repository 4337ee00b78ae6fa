/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/time.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "health.h"
#include "io.h"
#include "redis-queues.h"

/* redis: reports the length of lists and what waits in stream groups. */

#define SPAN_MIN_USEC (100 * USEC_PER_MSEC)
#define SPAN_MAX_USEC (24 * 3600ULL * USEC_PER_SEC)

enum {
        TIMER_ACCURACY_USEC = 50 * USEC_PER_MSEC,
        PASSWORD_MAX = 4096,
        CONDITION_CONNECT = 1, /* then a negative errno of redis_queues_ask(), made positive */
};

typedef struct Redis {
        const char *host, *socket, *user, *password_file;
        uint64_t port, database;
        usec_t interval, timeout, keep;
        RedisQueues queues;
        StrBuf subject; /* the server, for messages */
        Plugin *plugin;
        Health *health;
        sd_event_source *next;
        redisContext *server; /* NULL: not connected */
} Redis;

static void disconnect(Redis *x) {
        if (x->server)
                redisFree(x->server);
        x->server = NULL;
}

static void redis_done(Redis *x) {
        disconnect(x);
        sd_event_source_disable_unref(x->next);
        health_free(x->health);
        plugin_free(x->plugin);
        strbuf_done(&x->subject);
}

#define SPAN_OPTION(key, text, where)                                                              \
        {                                                                                          \
                .name = (key), .value = "TIME", .help = (text), .type = OPTION_TIMESPAN,           \
                .min = SPAN_MIN_USEC, .max = SPAN_MAX_USEC, .timespan = (where)                    \
        }

static bool parse_arguments(Redis *x, int argc, char **argv, int *ret_exit) {
        RedisQueues *q = &x->queues;
        const Option table[] = {
                { .name = "list",
                                .value = "KEY",
                                .help = "a list whose items wait; may be repeated",
                                .type = OPTION_STRINGS,
                                .strings = &q->lists },
                { .name = "stream",
                                .value = "KEY",
                                .help = "a stream, needs --group=; may be repeated",
                                .type = OPTION_STRINGS,
                                .strings = &q->streams },
                { .name = "group",
                                .value = "NAME",
                                .help = "the consumer group of the streams",
                                .type = OPTION_STRING,
                                .string = &q->group },
                { .name = "pending",
                                .value = "BOOL",
                                .help = "count unacknowledged entries, too (default: no)",
                                .type = OPTION_BOOL,
                                .boolean = &q->pending },
                { .name = "host",
                                .value = "HOST",
                                .help = "the server (default: 127.0.0.1)",
                                .type = OPTION_STRING,
                                .string = &x->host },
                { .name = "port",
                                .value = "PORT",
                                .help = "its port (default: 6379)",
                                .type = OPTION_INTEGER,
                                .min = 1,
                                .max = 65535,
                                .integer = &x->port },
                { .name = "socket",
                                .value = "PATH",
                                .help = "its Unix socket, instead of a host",
                                .type = OPTION_PATH,
                                .string = &x->socket },
                { .name = "database",
                                .value = "NUMBER",
                                .help = "the database (default: 0)",
                                .type = OPTION_INTEGER,
                                .max = INT32_MAX,
                                .integer = &x->database },
                { .name = "user",
                                .value = "NAME",
                                .help = "the user, with --password-file=",
                                .type = OPTION_STRING,
                                .string = &x->user },
                { .name = "password-file",
                                .value = "PATH",
                                .help = "file with the password",
                                .type = OPTION_PATH,
                                .string = &x->password_file },
                SPAN_OPTION("interval", "from one look to the next (default: 1s)", &x->interval),
                SPAN_OPTION("timeout", "how long the server may take (default: 5s)", &x->timeout),
                SPAN_OPTION("keep", "how long the last value holds without answers (default: 30s)",
                                &x->keep),
        };
        return plugin_options("Reports what waits in lists and stream groups of a Redis server.",
                        table, ARRAY_SIZE(table), argc, argv, ret_exit);
}

/* What no single option can be blamed for. */
static const char *check_options(const Redis *x) {
        const RedisQueues *q = &x->queues;

        if (q->lists.n + q->streams.n == 0)
                return "nothing to count, give '--list=KEY' or '--stream=KEY'";
        if (q->streams.n > 0 && !q->group)
                return "'--group=NAME' is missing, it says whose backlog of the stream counts";
        if (q->streams.n == 0 && q->group)
                return "'--group=' is for streams, give '--stream=KEY'";
        if (x->socket && x->host)
                return "'--host=' and '--socket=' are given, keep one";
        if (x->user && !x->password_file)
                return "'--user=' needs '--password-file=PATH'";
        return NULL;
}

/* Sends one command of the connection's beginning. */
static int expect_ok(
                redisReply *reply, const redisContext *server, const char *what, StrBuf *message) {
        bool ok = reply && reply->type == REDIS_REPLY_STATUS;

        if (!ok)
                strbuf_printf(message, "refuses %s: %s", what, reply ? reply->str : server->errstr);
        if (reply)
                freeReplyObject(reply);
        return ok ? 0 : -EACCES;
}

static void erase_freep(char **password) {
        if (*password) {
                explicit_bzero(*password, strlen(*password));
                free(*password);
        }
}

/* The file is read for each connection, so that a new password needs no restart. */
static int log_in(const Redis *x, StrBuf *message) {
        CLEANUP(erase_freep) char *password = NULL;

        if (!x->password_file)
                return 0;
        int r = read_file_at(AT_FDCWD, x->password_file, PASSWORD_MAX, &password, NULL);
        if (r < 0) {
                strbuf_printf(message, "is not asked, '%s' can't be read: %s", x->password_file,
                                strerror(-r));
                return r;
        }
        password[strcspn(password, "\r\n")] = '\0';

        redisReply *reply = x->user ? redisCommand(x->server, "AUTH %s %s", x->user, password)
                                    : redisCommand(x->server, "AUTH %s", password);
        return expect_ok(reply, x->server, "to log in", message);
}

static int connect_server(Redis *x, StrBuf *message) {
        const struct timeval timeout = {
                .tv_sec = (time_t) (x->timeout / USEC_PER_SEC),
                .tv_usec = (suseconds_t) (x->timeout % USEC_PER_SEC),
        };

        x->server = x->socket ? redisConnectUnixWithTimeout(x->socket, timeout)
                              : redisConnectWithTimeout(
                                              x->host ?: "127.0.0.1", (int) x->port, timeout);
        if (!x->server)
                return -ENOMEM;
        if (x->server->err) {
                strbuf_printf(message, "can't be reached: %s", x->server->errstr);
                return -EIO;
        }
        if (redisSetTimeout(x->server, timeout) != REDIS_OK)
                return -EIO;

        int r = log_in(x, message);
        if (r >= 0 && x->database > 0)
                r = expect_ok(redisCommand(x->server, "SELECT %llu",
                                              (unsigned long long) x->database),
                                x->server, "the database", message);
        return r;
}

static int report_counts(Redis *x, const RedisCounts *counts) {
        Report *report = plugin_report(x->plugin);

        /* a value that the server made up does no harm: it is refused here */
        (void) report_gauge(report, "backlog", counts->backlog);
        if (counts->streams_only) {
                (void) report_gauge(report, "oldest", counts->oldest);
                (void) report_count(report, "arrived", counts->arrived);
                (void) report_count(report, "items", counts->done);
        }
        int r = health_good(x->health);
        return r < 0 ? r : plugin_report_changed(x->plugin);
}

/* One round. Waits for the server, for as long as its timeout at most for each answer. */
static int ask(Redis *x) {
        CLEANUP(strbuf_done) StrBuf message = { 0 };
        RedisCounts counts;
        struct timespec now;

        if (!x->server) {
                int r = connect_server(x, &message);
                if (r < 0) {
                        disconnect(x);
                        return r == -ENOMEM ? r
                                            : health_bad(x->health, CONDITION_CONNECT,
                                                            strbuf_string(&message));
                }
        }

        (void) clock_gettime(CLOCK_REALTIME, &now);
        int r = redis_queues_ask(&x->queues, x->server,
                        (double) now.tv_sec + (double) now.tv_nsec / 1e9, &counts, &message);
        if (r >= 0)
                return report_counts(x, &counts);
        if (r == -EIO)
                disconnect(x);
        return health_bad(x->health, CONDITION_CONNECT - r, strbuf_string(&message));
}

static int on_next(sd_event_source *source, uint64_t usec, void *userdata) {
        Redis *x = userdata;
        (void) usec;

        int r = ask(x);
        if (r >= 0)
                r = sd_event_source_set_time_relative(source, x->interval);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int start(Redis *x) {
        if (x->socket)
                strbuf_append(&x->subject, x->socket);
        else
                strbuf_printf(&x->subject, "%s:%llu", x->host ?: "127.0.0.1",
                                (unsigned long long) x->port);
        int r = strbuf_error(&x->subject);
        if (r >= 0)
                r = plugin_new(&x->plugin);
        if (r >= 0)
                r = health_new(x->plugin, strbuf_string(&x->subject), x->keep, &x->health);
        if (r >= 0)
                r = sd_event_add_time(plugin_event(x->plugin), &x->next, CLOCK_MONOTONIC, 0,
                                TIMER_ACCURACY_USEC, on_next, x);
        return r;
}

int main(int argc, char **argv) {
        CLEANUP(redis_done)
        Redis redis = {
                .port = 6379,
                .interval = USEC_PER_SEC,
                .timeout = 5 * USEC_PER_SEC,
                .keep = 30 * USEC_PER_SEC,
        };
        int code;

        if (!parse_arguments(&redis, argc, argv, &code))
                return code;
        const char *wrong = check_options(&redis);
        if (wrong) {
                plugin_log(SD_ERR, "%s", wrong);
                return EX_USAGE;
        }

        int r = start(&redis);
        if (r < 0) {
                plugin_log(SD_ERR, "can't start: %s", strerror(-r));
                return EXIT_FAILURE;
        }
        return plugin_run(redis.plugin);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"

#include <fcntl.h>
#include <hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "io.h"
#include "plugin_bench.h"

#define REDIS "plugins/backlog/redis"

/* A real server on a Unix socket in the directory of the bench. */
typedef struct Server {
        pid_t pid;
        char socket[4096];
        redisContext *client;
} Server;

static bool have_server(void) {
        if (system("command -v redis-server >/dev/null") == 0)
                return true;
        printf("skipped: tests of the redis plugin, as there is no redis-server\n");
        return false;
}

static void start_server(const Bench *b, Server *s) {
        char directory[4096];

        (void) bench_path(b, s->socket, "redis");
        s->pid = fork();
        ck_assert_int_ge(s->pid, 0);
        if (s->pid == 0) {
                if (!freopen("/dev/null", "w", stdout))
                        _exit(126);
                (void) execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
                                s->socket, "--save", "", "--dir", bench_path(b, directory, ""),
                                (char *) NULL);
                _exit(127);
        }
        for (;;) {
                s->client = redisConnectUnix(s->socket);
                if (!s->client->err)
                        break;
                redisFree(s->client);
                ck_assert_int_eq(waitpid(s->pid, NULL, WNOHANG), 0);
                (void) usleep(10000);
        }
}

static void stop_server(Server *s) {
        redisFree(s->client);
        ck_assert_int_eq(kill(s->pid, SIGKILL), 0);
        ck_assert_int_eq(waitpid(s->pid, NULL, 0), s->pid);
}

/* A command that has to succeed. */
static void command(const Server *s, const char *text) {
        redisReply *reply = redisCommand(s->client, text);
        ck_assert_ptr_nonnull(reply);
        ck_assert_msg(reply->type != REDIS_REPLY_ERROR, "%s: %s", text, reply->str);
        freeReplyObject(reply);
}

static void start_plugin(Bench *b, const Server *s, const char *a, const char *c, const char *d) {
        char option[4200];
        (void) snprintf(option, sizeof(option), "--socket=%s", s->socket);
        bench_run(b, REDIS, option, "--interval=100ms", a, c, d, NULL);
}

START_TEST(the_lengths_of_lists_are_added) {
        Bench b;
        Server s;

        if (!have_server())
                return;
        bench_start(&b);
        start_server(&b, &s);
        command(&s, "RPUSH jobs a b c");
        start_plugin(&b, &s, "--list=jobs", "--list=urgent", NULL);
        bench_expect(&b, "backlog", 3);
        command(&s, "RPUSH urgent x");
        bench_expect(&b, "backlog", 4);
        command(&s, "DEL jobs");
        bench_expect(&b, "backlog", 1);
        ck_assert(bench_value(&b, "oldest") == -1); /* not known of lists */
        ck_assert(bench_value(&b, "arrived") == -1);
        stop_server(&s);
        bench_stop(&b);
}
END_TEST

START_TEST(a_stream_is_seen_from_its_first_entry_to_its_last_acknowledgement) {
        Bench b;
        Server s;

        if (!have_server())
                return;
        bench_start(&b);
        start_server(&b, &s);
        start_plugin(&b, &s, "--stream=jobs", "--group=g", NULL);
        bench_expect(&b, "backlog", 0);

        /* no group yet: everything waits for the worker that will make it */
        command(&s, "XADD jobs 1000-1 k v");
        command(&s, "XADD jobs 1000-2 k v");
        bench_expect(&b, "backlog", 2);
        WAIT_UNTIL((bench_receive(&b), bench_value(&b, "oldest") > 1e9)); /* added in 1970 */

        command(&s, "XGROUP CREATE jobs g 0");
        command(&s, "XADD jobs * k v");
        bench_expect(&b, "backlog", 3);
        command(&s, "XREADGROUP GROUP g c COUNT 2 STREAMS jobs >");
        bench_expect(&b, "backlog", 1);
        WAIT_UNTIL((bench_receive(&b), bench_value(&b, "oldest") < 40));
        ck_assert(bench_value(&b, "items") == 0);
        command(&s, "XACK jobs g 1000-1 1000-2");
        bench_expect(&b, "items", 2);
        command(&s, "XREADGROUP GROUP g c STREAMS jobs >");
        bench_expect(&b, "backlog", 0);
        bench_expect(&b, "oldest", 0);
        command(&s, "XADD jobs * k v");
        command(&s, "XADD jobs * k v");
        bench_expect(&b, "backlog", 2);
        ck_assert(bench_value(&b, "arrived") >= 2);
        ck_assert(bench_value(&b, "items") == 2);
        stop_server(&s);
        bench_stop(&b);
}
END_TEST

START_TEST(unacknowledged_entries_wait_when_asked) {
        Bench b;
        Server s;

        if (!have_server())
                return;
        bench_start(&b);
        start_server(&b, &s);
        command(&s, "XGROUP CREATE jobs g 0 MKSTREAM");
        command(&s, "XADD jobs 1-1 k v");
        command(&s, "XADD jobs 1-2 k v");
        command(&s, "XREADGROUP GROUP g c COUNT 1 STREAMS jobs >");
        start_plugin(&b, &s, "--stream=jobs", "--group=g", "--pending=yes");
        bench_expect(&b, "backlog", 2);
        command(&s, "XACK jobs g 1-1");
        bench_expect(&b, "backlog", 1);
        stop_server(&s);
        bench_stop(&b);
}
END_TEST

START_TEST(a_lag_that_the_server_does_not_know_is_not_made_up) {
        Bench b;
        Server s;

        if (!have_server())
                return;
        bench_start(&b);
        start_server(&b, &s);
        command(&s, "XGROUP CREATE jobs g 0 MKSTREAM");
        command(&s, "XADD jobs 1-1 k v");
        command(&s, "XADD jobs 1-2 k v");
        command(&s, "XADD jobs 1-3 k v");
        command(&s, "XREADGROUP GROUP g c COUNT 1 STREAMS jobs >");
        command(&s, "XDEL jobs 1-2");
        start_plugin(&b, &s, "--stream=jobs", "--group=g", NULL);
        bench_expect_log(&b, "does not know the lag of group 'g' in 'jobs'");
        ck_assert(bench_value(&b, "backlog") == -1);
        command(&s, "XREADGROUP GROUP g c STREAMS jobs >");
        bench_expect(&b, "backlog", 0);
        ck_assert_uint_eq(bench_count_log(&b, "does not know the lag"), 1);
        stop_server(&s);
        bench_stop(&b);
}
END_TEST

START_TEST(a_server_that_goes_away_and_comes_back_is_found_again) {
        Bench b;
        Server s;

        if (!have_server())
                return;
        bench_start(&b);
        start_server(&b, &s);
        command(&s, "RPUSH jobs a b");
        start_plugin(&b, &s, "--list=jobs", "--keep=200ms", NULL);
        bench_expect(&b, "backlog", 2);
        stop_server(&s);
        bench_expect_log(&b, "can't be reached: Connection refused");
        bench_expect_log(&b, "has failed for 200ms, reporting nothing");
        start_server(&b, &s);
        command(&s, "RPUSH jobs a");
        bench_expect(&b, "backlog", 1);
        bench_expect_log(&b, "works again");
        ck_assert_uint_eq(bench_count_log(&b, "can't be reached"), 1);
        stop_server(&s);
        bench_stop(&b);
}
END_TEST

START_TEST(a_hanging_server_is_given_up_after_the_timeout) {
        Bench b;
        Server s;

        if (!have_server())
                return;
        bench_start(&b);
        start_server(&b, &s);
        command(&s, "RPUSH jobs a b");
        start_plugin(&b, &s, "--list=jobs", "--timeout=200ms", NULL);
        bench_expect(&b, "backlog", 2);
        ck_assert_int_eq(kill(s.pid, SIGSTOP), 0);
        bench_expect_log(&b, "does not answer");
        ck_assert_int_eq(kill(s.pid, SIGCONT), 0);
        command(&s, "RPUSH jobs a b");
        bench_expect(&b, "backlog", 4);
        stop_server(&s);
        bench_stop(&b);
}
END_TEST

START_TEST(what_the_server_refuses_is_said_as_it_says_it) {
        Bench b;
        Server s;

        if (!have_server())
                return;
        bench_start(&b);
        start_server(&b, &s);
        command(&s, "SET jobs text");
        start_plugin(&b, &s, "--list=jobs", NULL, NULL);
        bench_expect_log(&b, "refuses LLEN of 'jobs': WRONGTYPE");
        stop_server(&s);
        bench_stop(&b);
}
END_TEST

START_TEST(a_password_comes_out_of_a_file_and_a_database_is_chosen) {
        Bench b;
        Server s;
        char path[4096], option[4200];

        if (!have_server())
                return;
        bench_start(&b);
        start_server(&b, &s);
        command(&s, "SELECT 3");
        command(&s, "RPUSH jobs a b c d e");
        command(&s, "CONFIG SET requirepass open-sesame");
        (void) snprintf(option, sizeof(option), "--password-file=%s", bench_path(&b, path, "pw"));
        start_plugin(&b, &s, "--list=jobs", option, "--database=3");
        bench_expect_log(&b, "can't be read: No such file or directory");

        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write_all(fd, "open-sesame\n", 12), 0);
        ck_assert_int_eq(close(fd), 0);
        bench_expect(&b, "backlog", 5);
        ck_assert_uint_eq(bench_count_log(&b, "sesame"), 0);
        stop_server(&s);
        bench_stop(&b);
}
END_TEST

START_TEST(options_that_do_not_go_together_exit_with_64) {
        static const struct {
                const char *a, *b, *c, *message;
        } wrong[] = {
                { NULL, NULL, NULL, "nothing to count" },
                { "--stream=s", NULL, NULL, "'--group=NAME' is missing" },
                { "--list=l", "--group=g", NULL, "'--group=' is for streams" },
                { "--list=l", "--host=h", "--socket=/s", "keep one" },
                { "--list=l", "--user=u", NULL, "needs '--password-file=PATH'" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                Bench b;
                bench_start(&b);
                bench_run(&b, REDIS, wrong[i].a, wrong[i].b, wrong[i].c, NULL);
                ck_assert_int_eq(bench_wait_exit(&b), EX_USAGE);
                ck_assert_uint_eq(bench_count_log(&b, wrong[i].message), 1);
                bench_stop(&b);
        }
}
END_TEST

CHECK_MAIN("redis", TEST(the_lengths_of_lists_are_added),
                TEST(a_stream_is_seen_from_its_first_entry_to_its_last_acknowledgement),
                TEST(unacknowledged_entries_wait_when_asked),
                TEST(a_lag_that_the_server_does_not_know_is_not_made_up),
                TEST(a_server_that_goes_away_and_comes_back_is_found_again),
                TEST(a_hanging_server_is_given_up_after_the_timeout),
                TEST(what_the_server_refuses_is_said_as_it_says_it),
                TEST(a_password_comes_out_of_a_file_and_a_database_is_chosen),
                TEST(options_that_do_not_go_together_exit_with_64))

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

#include "io.h"
#include "plugin_bench.h"
#include "samples.h"
#include "words.h"

#define EXEC "plugins/backlog/exec"

/* --- words --- */

START_TEST(a_command_line_is_split_by_its_quotes) {
        static const struct {
                const char *text;
                const char *words[5];
        } cases[] = {
                { "", { NULL } },
                { "  \t\n ", { NULL } },
                { "redis-cli llen jobs", { "redis-cli", "llen", "jobs" } },
                { "  a\t b\n", { "a", "b" } },
                { "'a b' \"c d\"", { "a b", "c d" } },
                { "a'b c'd\"e f\"", { "ab cde f" } },
                { "'' \"\"", { "", "" } },
                { "'a\\n' \"a\\\"b\\\\\" c\\ d", { "a\\n", "a\"b\\", "c d" } },
                { "$HOME * ~ %n", { "$HOME", "*", "~", "%n" } },
                { "a|b '|' \\> \">\"", { "a|b", "|", ">", ">" } },
                { "sh -c 'a | b'", { "sh", "-c", "a | b" } },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                CLEANUP(strbuf_done) StrBuf message = { 0 };
                CLEANUP(words_done) Words w = { 0 };
                size_t n = 0;
                ck_assert_msg(words_split(&w, cases[i].text, &message) == 0, "%s", cases[i].text);
                for (; cases[i].words[n]; n++) {
                        ck_assert_uint_lt(n, w.n);
                        ck_assert_str_eq(w.items[n], cases[i].words[n]);
                }
                ck_assert_uint_eq(w.n, n);
                ck_assert(n == 0 || !w.items[n]);
        }
}
END_TEST

START_TEST(what_would_need_a_shell_or_has_no_end_is_refused) {
        static const char *const bad[] = { "'a", "\"a", "a\\", "\"a\\", "mailq | wc -l", "a && b",
                "a > b", "a 2>&1", "a ; b", "a &" };

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                CLEANUP(strbuf_done) StrBuf message = { 0 };
                CLEANUP(words_done) Words w = { 0 };
                ck_assert_msg(words_split(&w, bad[i], &message) == -EINVAL, "%s", bad[i]);
                ck_assert_msg(message.len > 0, "%s", bad[i]);
        }
}
END_TEST

/* --- output --- */

START_TEST(a_bare_number_is_the_backlog) {
        static const struct {
                const char *text;
                double value;
        } cases[] = { { "0", 0 }, { "17\n", 17 }, { "  42 \n\n", 42 }, { "1.5\r\n", 1.5 },
                { "1e3", 1000 } };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Sample s[REPORT_METRICS_MAX];
                ck_assert_msg(samples_parse(cases[i].text, s) == 1, "'%s'", cases[i].text);
                ck_assert_str_eq(s[0].name, "backlog");
                ck_assert_int_eq(s[0].type, METRIC_GAUGE);
                ck_assert(s[0].value == cases[i].value);
        }
}
END_TEST

START_TEST(statsd_lines_are_read) {
        Sample s[REPORT_METRICS_MAX];

        ck_assert_int_eq(
                        samples_parse("backlog:7|g\n\n items:3|c|@0.5|#a:b,c\r\noldest:1.25|g|#x\n",
                                        s),
                        3);
        ck_assert_str_eq(s[0].name, "backlog");
        ck_assert(s[0].value == 7 && s[0].type == METRIC_GAUGE);
        ck_assert_str_eq(s[1].name, "items");
        ck_assert(s[1].value == 6 && s[1].type == METRIC_COUNTER);
        ck_assert_str_eq(s[2].name, "oldest");
        ck_assert(s[2].value == 1.25 && s[2].type == METRIC_GAUGE);
}
END_TEST

START_TEST(other_output_is_refused_as_a_whole) {
        static const char *const bad[] = { "", "\n \n", "-1", "+1", "nan", "inf", "0x10", "1 2",
                "1\n2", "3 jobs", "1e300", "backlog:7|g\n5", "5\nbacklog:7|g", "backlog",
                "backlog:", "backlog:7", "backlog:7|", "backlog:7|ms", "backlog:-7|g",
                "backlog:+7|g", "backlog:x|g", "back log:7|g", ":7|g", "items:1|c|@0",
                "items:1|c|@2", "items:1|c|@x", "backlog:7|g\nerror: no connection" };

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                Sample s[REPORT_METRICS_MAX];
                ck_assert_msg(samples_parse(bad[i], s) < 0, "'%s'", bad[i]);
        }

        CLEANUP(strbuf_done) StrBuf many = { 0 };
        Sample s[REPORT_METRICS_MAX];
        for (int i = 0; i <= REPORT_METRICS_MAX; i++)
                strbuf_printf(&many, "m%d:1|g\n", i);
        ck_assert_int_eq(samples_parse(strbuf_string(&many), s), -E2BIG);
}
END_TEST

START_TEST(what_is_printed_no_more_is_reported_no_more) {
        Report r = { 0 };
        Sample s[REPORT_METRICS_MAX];
        char text[REPORT_TEXT_MAX];

        int n = samples_parse("backlog:1|g\noldest:4|g", s);
        ck_assert_int_eq(samples_report(s, (size_t) n, &r), 0);
        n = samples_parse("0", s);
        ck_assert_int_eq(samples_report(s, (size_t) n, &r), 0);
        ck_assert_uint_gt(report_format(&r, text), 0);
        ck_assert_str_eq(text, "backlog:0|g");
}
END_TEST

/* --- the program --- */

/* A script that is run as "sh FILE" every 100 ms. */
static void write_script(const Bench *b, const char *text) {
        char path[4096], next[4096];

        int fd = open(bench_path(b, next, "next"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
        ck_assert_int_eq(close(fd), 0);
        ck_assert_int_eq(rename(next, bench_path(b, path, "script")), 0);
}

static void start_script(Bench *b, const char *text, const char *option) {
        char path[4096], command[4200];

        bench_start(b);
        write_script(b, text);
        (void) snprintf(command, sizeof(command), "--command=sh '%s'",
                        bench_path(b, path, "script"));
        bench_run(b, EXEC, command, "--interval=100ms", option, NULL);
}

START_TEST(the_number_printed_is_reported) {
        Bench b;

        start_script(&b, "echo 12", NULL);
        bench_expect(&b, "backlog", 12);
        write_script(&b, "echo 34");
        bench_expect(&b, "backlog", 34);
        bench_stop(&b);
}
END_TEST

START_TEST(lines_printed_are_reported_and_counters_add_up) {
        Bench b;

        start_script(&b, "echo 'backlog:5|g'; echo 'oldest:2.5|g'; echo 'items:10|c'", NULL);
        bench_expect(&b, "backlog", 5);
        bench_expect(&b, "oldest", 2.5);
        /* more runs than one may have come together */
        WAIT_UNTIL((bench_receive(&b), bench_value(&b, "items") >= 50));
        ck_assert(fmod(bench_value(&b, "items"), 10) == 0);
        bench_stop(&b);
}
END_TEST

START_TEST(a_repeated_command_is_words_as_they_are) {
        Bench b;

        bench_start(&b);
        bench_run(&b, EXEC, "--command=sh", "--command=-c", "--command=test $# = 2 && echo $1",
                        "--command=name", "--command=23", "--command=a 'b", NULL);
        bench_expect(&b, "backlog", 23);
        bench_stop(&b);
}
END_TEST

START_TEST(a_condition_is_logged_once_however_often_it_is_met) {
        Bench b;
        char path[4096];

        start_script(&b, "echo 3", NULL);
        bench_expect(&b, "backlog", 3);
        write_script(&b, "echo x >>\"${0%script}runs\"; exit 7");
        bench_expect_log(&b, "'sh' failed with exit code 7");
        CLEANUP(freep) char *runs = NULL;
        size_t size = 0;
        WAIT_UNTIL((bench_receive(&b), free(runs), runs = NULL,
                        read_file_at(AT_FDCWD, bench_path(&b, path, "runs"), 4096, &runs, &size)
                                                        == 0
                                        && size >= 6));
        ck_assert_uint_eq(bench_count_log(&b, "failed with exit code 7"), 1);
        ck_assert(bench_value(&b, "backlog") == 3);

        write_script(&b, "echo 'cannot connect\033[1m'");
        bench_expect_log(&b,
                        "'sh' printed neither a number nor StatsD lines but 'cannot connect?[1m'");
        write_script(&b, "echo no connection >&2; exit 8");
        bench_expect_log(&b, "failed with exit code 8, its error message: 'no connection'");
        write_script(&b, "kill -9 $$");
        bench_expect_log(&b, "'sh' was killed by signal 9 (Killed)");
        write_script(&b, "echo 4");
        bench_expect_log(&b, "'sh' works again");
        bench_expect(&b, "backlog", 4);
        bench_stop(&b);
}
END_TEST

START_TEST(what_cannot_be_started_is_said_and_tried_again) {
        Bench b;
        char path[4096], command[4200], script[4096];

        bench_start(&b);
        (void) snprintf(command, sizeof(command), "--command='%s'", bench_path(&b, path, "script"));
        bench_run(&b, EXEC, command, "--interval=100ms", NULL);
        bench_expect_log(&b, "can't be started: No such file or directory");
        ck_assert_int_eq(symlink("/bin/true", bench_path(&b, script, "script")), 0);
        bench_expect_log(&b, "printed nothing");
        bench_stop(&b);
}
END_TEST

/* The process that the script left in the background, by the number that it wrote. */
static pid_t background_pid(const Bench *b) {
        CLEANUP(freep) char *text = NULL;
        char path[4096];

        if (read_file_at(AT_FDCWD, bench_path(b, path, "pid"), 64, &text, NULL) < 0)
                return 0;
        return endswith(text, "\n") ? (pid_t) atol(text) : 0;
}

static bool is_running(pid_t pid) {
        CLEANUP(freep) char *text = NULL;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
        if (read_file_at(AT_FDCWD, path, 4096, &text, NULL) < 0)
                return false;
        const char *state = strrchr(text, ')'); /* a zombie waits only for a lazy init */
        return state && state[1] == ' ' && state[2] != 'Z' && state[2] != 'X';
}

START_TEST(at_the_time_limit_the_whole_group_is_killed) {
        Bench b;

        start_script(&b, "sleep 1000 & echo $! >\"${0%script}pid\"; echo 5; wait",
                        "--timeout=200ms");
        bench_expect_log(&b, "'sh' took longer than 200ms and was killed");
        WAIT_UNTIL(background_pid(&b) > 0);
        write_script(&b, "echo 6");
        bench_expect(&b, "backlog", 6);
        WAIT_UNTIL(!is_running(background_pid(&b))); /* a killed process needs a CPU to end */
        bench_stop(&b);
}
END_TEST

START_TEST(what_a_run_leaves_in_the_background_is_killed) {
        Bench b;

        start_script(&b, "sleep 1000 & echo $! >\"${0%script}pid\"; echo 5", NULL);
        bench_expect(&b, "backlog", 5);
        WAIT_UNTIL(background_pid(&b) > 0);
        write_script(&b, "echo 6");
        bench_expect(&b, "backlog", 6);
        WAIT_UNTIL(!is_running(background_pid(&b)));
        bench_stop(&b);
}
END_TEST

START_TEST(at_the_end_the_group_is_killed) {
        Bench b;

        start_script(&b, "echo $$ >\"${0%script}pid\"; sleep 1000", "--timeout=1h");
        WAIT_UNTIL(background_pid(&b) > 0);
        pid_t pid = background_pid(&b);
        ck_assert(is_running(pid));
        bench_terminate(&b);
        ck_assert_int_eq(bench_wait_exit(&b), 0);
        WAIT_UNTIL(!is_running(pid));
        bench_stop(&b);
}
END_TEST

START_TEST(endless_error_messages_harm_nothing) {
        Bench b;

        start_script(&b, "yes no | head -c 1000000 >&2; echo 4", NULL);
        bench_expect(&b, "backlog", 4);
        ck_assert_uint_eq(bench_count_log(&b, "\n"), 0);
        write_script(&b, "yes no | head -c 1000000 >&2; false");
        bench_expect_log(&b, "failed with exit code 1, its error message: 'no'");
        bench_stop(&b);
}
END_TEST

START_TEST(endless_output_is_cut_off) {
        Bench b;

        start_script(&b, "yes", NULL);
        bench_expect_log(&b, "'sh' printed more than 65536 bytes and was killed");
        bench_stop(&b);
}
END_TEST

START_TEST(values_that_are_too_old_are_reported_no_more) {
        Bench b;

        start_script(&b, "echo 3", "--keep=300ms");
        bench_expect(&b, "backlog", 3);
        write_script(&b, "false");
        bench_expect_log(&b, "'sh' has failed for 300ms, reporting nothing until it works again");
        bench_receive(&b);
        size_t before = b.datagrams;
        (void) sleep(6); /* longer than a heartbeat */
        bench_receive(&b);
        ck_assert_uint_eq(b.datagrams, before);
        write_script(&b, "echo 3");
        WAIT_UNTIL((bench_receive(&b), b.datagrams > before));
        bench_stop(&b);
}
END_TEST

START_TEST(the_command_does_not_get_the_sockets_of_the_service_manager) {
        Bench b;

        ck_assert_int_eq(setenv("NOTIFY_SOCKET", "/nowhere", 1), 0);
        start_script(&b, "test \"${NOTIFY_SOCKET-unset}\" = unset && echo 8", NULL);
        bench_expect(&b, "backlog", 8);
        bench_stop(&b);
}
END_TEST

START_TEST(a_command_that_is_none_exits_with_64) {
        Bench b;

        bench_start(&b);
        bench_run(&b, EXEC, "--command=mailq | wc -l", NULL);
        ck_assert_int_eq(bench_wait_exit(&b), EX_USAGE);
        ck_assert_uint_eq(bench_count_log(&b, "'|' in 'mailq | wc -l' would need a shell"), 1);
        bench_run(&b, EXEC, "--command= ", NULL);
        ck_assert_int_eq(bench_wait_exit(&b), EX_USAGE);
        bench_run(&b, EXEC, "--command=true", "--interval=0", NULL);
        ck_assert_int_eq(bench_wait_exit(&b), EX_USAGE);
        ck_assert_uint_eq(bench_count_log(&b, "from 100ms to 1d"), 1);
        bench_stop(&b);
}
END_TEST

CHECK_MAIN("exec", TEST(a_command_line_is_split_by_its_quotes),
                TEST(what_would_need_a_shell_or_has_no_end_is_refused),
                TEST(a_bare_number_is_the_backlog), TEST(statsd_lines_are_read),
                TEST(other_output_is_refused_as_a_whole),
                TEST(what_is_printed_no_more_is_reported_no_more),
                TEST(the_number_printed_is_reported),
                TEST(lines_printed_are_reported_and_counters_add_up),
                TEST(a_repeated_command_is_words_as_they_are),
                TEST(a_condition_is_logged_once_however_often_it_is_met),
                TEST(what_cannot_be_started_is_said_and_tried_again),
                TEST(at_the_time_limit_the_whole_group_is_killed),
                TEST(what_a_run_leaves_in_the_background_is_killed),
                TEST(at_the_end_the_group_is_killed), TEST(endless_error_messages_harm_nothing),
                TEST(endless_output_is_cut_off), TEST(values_that_are_too_old_are_reported_no_more),
                TEST(the_command_does_not_get_the_sockets_of_the_service_manager),
                TEST(a_command_that_is_none_exits_with_64))

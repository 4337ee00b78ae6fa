/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>

#include "options.h"
#include "plugin_bench.h"
#include "report.h"

#define SPOOL "plugins/backlog/spool"

/* --- arguments --- */

typedef struct Values {
        const char *text, *path;
        OptionValues list;
        uint64_t number;
        usec_t span;
        bool flag;
} Values;

enum { OPTIONS = 6 };

/* Parses up to three arguments of which the first may be NULL for none. */
static int parse(Values *v, StrBuf *message, const char *a, const char *b, const char *c) {
        const Option table[OPTIONS] = {
                { .name = "text",
                                .value = "T",
                                .help = "h",
                                .type = OPTION_STRING,
                                .string = &v->text },
                { .name = "path",
                                .value = "DIR",
                                .help = "where it is",
                                .type = OPTION_PATH,
                                .required = true,
                                .string = &v->path },
                { .name = "list",
                                .value = "L",
                                .help = "h",
                                .type = OPTION_STRINGS,
                                .strings = &v->list },
                { .name = "number",
                                .value = "N",
                                .help = "h",
                                .type = OPTION_INTEGER,
                                .min = 2,
                                .max = 10,
                                .integer = &v->number },
                { .name = "span",
                                .value = "TIME",
                                .help = "h",
                                .type = OPTION_TIMESPAN,
                                .min = USEC_PER_SEC,
                                .max = 60 * USEC_PER_SEC,
                                .timespan = &v->span },
                { .name = "flag",
                                .value = "BOOL",
                                .help = "h",
                                .type = OPTION_BOOL,
                                .boolean = &v->flag },
        };
        char *argv[] = { (char *) "plugin", (char *) a, (char *) b, (char *) c, NULL };
        int argc = 1;

        while (argv[argc])
                argc++;
        return options_parse(table, OPTIONS, argc, argv, message);
}

START_TEST(arguments_are_read_by_their_types) {
        CLEANUP(strbuf_done) StrBuf message = { 0 };
        Values v = { .number = 7 };

        ck_assert_int_eq(
                        parse(&v, &message, "--path=/x", "--span=1min", "--flag=true"), OPTIONS_OK);
        ck_assert_str_eq(v.path, "/x");
        ck_assert(v.span == 60 * USEC_PER_SEC);
        ck_assert(v.flag);
        ck_assert(v.number == 7);
        ck_assert_int_eq(parse(&v, &message, "--path=/x", "--flag=no", "--number=10"), OPTIONS_OK);
        ck_assert(!v.flag);
        ck_assert(v.number == 10);
        ck_assert_int_eq(parse(&v, &message, "--path=/x", "--list=a=b", "--list=c d"), OPTIONS_OK);
        ck_assert_uint_eq(v.list.n, 2);
        ck_assert_str_eq(v.list.items[0], "a=b");
        ck_assert_str_eq(v.list.items[1], "c d");
        ck_assert_ptr_null(v.list.items[2]);
        ck_assert_str_eq(strbuf_string(&message), "");
}
END_TEST

START_TEST(a_wrong_argument_is_named_with_what_to_do) {
        static const struct {
                const char *argument, *message;
        } wrong[] = {
                { NULL, "'--path=DIR' is missing, it says where it is" },
                { "--pth=/x", "unknown option '--pth', known are --text=, --path=, --list=, "
                              "--number=, --span=, --flag=" },
                { "--", "unknown option '--', known are --text=, --path=, --list=, --number=, "
                        "--span=, --flag=" },
                { "path=/x", "'path=/x' is no option, write --KEY=VALUE" },
                { "--path", "'--path' needs a value, write --path=DIR" },
                { "--path=", "'--path' needs a value, write --path=DIR" },
                { "--path=x", "'x' can't be used for '--path=', give an absolute path" },
                { "--number=x", "'x' can't be used for '--number=', give a whole number" },
                { "--number=-3", "'-3' can't be used for '--number=', give a whole number" },
                { "--number=1", "'1' can't be used for '--number=', give a whole number from 2 to "
                                "10" },
                { "--number=11", "'11' can't be used for '--number=', give a whole number from 2 "
                                 "to 10" },
                { "--span=5x", "'5x' can't be used for '--span=', give a time span such as 5s or "
                               "1min 30s" },
                { "--span=infinity", "'infinity' can't be used for '--span=', give a time span "
                                     "such as 5s or 1min 30s from 1s to 1min" },
                { "--flag=maybe", "'maybe' can't be used for '--flag=', give yes or no" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                CLEANUP(strbuf_done) StrBuf message = { 0 };
                Values v = { 0 };
                ck_assert_int_eq(parse(&v, &message, wrong[i].argument, NULL, NULL), -EINVAL);
                ck_assert_str_eq(strbuf_string(&message), wrong[i].message);
        }

        CLEANUP(strbuf_done) StrBuf message = { 0 };
        Values v = { 0 };
        ck_assert_int_eq(parse(&v, &message, "--path=/a", "--path=/b", NULL), -EINVAL);
        ck_assert_str_eq(strbuf_string(&message), "'--path=' is given twice, keep one");
}
END_TEST

START_TEST(a_list_that_is_too_long_is_refused) {
        CLEANUP(strbuf_done) StrBuf message = { 0 };
        OptionValues list = { 0 };
        const Option table[] = { { .name = "l", .type = OPTION_STRINGS, .strings = &list } };
        char *argv[OPTION_VALUES_MAX + 2] = { (char *) "plugin" };

        for (int i = 1; i <= OPTION_VALUES_MAX + 1; i++)
                argv[i] = (char *) "--l=x";
        ck_assert_int_eq(
                        options_parse(table, 1, OPTION_VALUES_MAX + 1, argv, &message), OPTIONS_OK);
        list.n = 0;
        ck_assert_int_eq(options_parse(table, 1, OPTION_VALUES_MAX + 2, argv, &message), -EINVAL);
}
END_TEST

START_TEST(help_and_version_need_no_other_argument) {
        CLEANUP(strbuf_done) StrBuf message = { 0 };
        Values v = { 0 };

        ck_assert_int_eq(parse(&v, &message, "--help", NULL, NULL), OPTIONS_HELP);
        ck_assert_int_eq(parse(&v, &message, "--version", NULL, NULL), OPTIONS_VERSION);
}
END_TEST

START_TEST(a_wrong_command_line_exits_with_64_and_one_line) {
        Bench b;

        bench_start(&b);
        bench_run(&b, SPOOL, "--directory=relative", NULL);
        ck_assert_int_eq(bench_wait_exit(&b), EX_USAGE);
        ck_assert_uint_eq(bench_count_log(&b, "\n"), 1);
        ck_assert_uint_eq(bench_count_log(&b, "spool: 'relative' can't be used for '--directory='"),
                        1);
        bench_stop(&b);
}
END_TEST

/* --- reports --- */

static void expect_text(const Report *report, const char *expected) {
        char text[REPORT_TEXT_MAX];
        ck_assert_uint_eq(report_format(report, text), strlen(expected));
        ck_assert_str_eq(text, expected);
}

START_TEST(gauges_keep_their_latest_value_and_counters_add_up) {
        Report r = { 0 };

        expect_text(&r, "");
        ck_assert_int_eq(report_gauge(&r, "backlog", 3), 0);
        ck_assert_int_eq(report_gauge(&r, "backlog", 5), 0);
        ck_assert_int_eq(report_count(&r, "arrived", 2), 0);
        ck_assert_int_eq(report_count(&r, "arrived", 4), 0);
        ck_assert_int_eq(report_gauge(&r, "oldest", 1.5), 0);
        expect_text(&r, "backlog:5|g\narrived:6|c\noldest:1.500000|g");
        report_delivered(&r);
        expect_text(&r, "backlog:5|g\narrived:0|c\noldest:1.500000|g");
}
END_TEST

START_TEST(only_a_change_is_a_change) {
        Report r = { 0 };

        ck_assert_int_eq(report_gauge(&r, "backlog", 0), 0);
        ck_assert_int_eq(report_count(&r, "arrived", 0), 0);
        ck_assert(r.changed);
        report_delivered(&r);
        ck_assert_int_eq(report_gauge(&r, "backlog", 0), 0);
        ck_assert_int_eq(report_count(&r, "arrived", 0), 0);
        ck_assert(!r.changed);
        ck_assert_int_eq(report_count(&r, "arrived", 1), 0);
        ck_assert(r.changed);
        report_delivered(&r);
        ck_assert_int_eq(report_gauge(&r, "backlog", 1), 0);
        ck_assert(r.changed);
}
END_TEST

START_TEST(what_is_forgotten_is_not_reported_but_no_increment_is_lost) {
        Report r = { 0 };

        ck_assert_int_eq(report_gauge(&r, "backlog", 3), 0);
        ck_assert_int_eq(report_count(&r, "arrived", 2), 0);
        report_forget(&r);
        expect_text(&r, "arrived:2|c");
        report_delivered(&r);
        expect_text(&r, "");
        ck_assert_int_eq(report_gauge(&r, "arrived", 3), 0); /* the name is free again */
        expect_text(&r, "arrived:3|g");
}
END_TEST

START_TEST(bad_names_and_values_are_refused_and_change_nothing) {
        static const char *const names[] = { "", "a b", "a:b", "a|b", "a\nb", "ä",
                "12345678901234567890123456789012345678901234567890123456789012345" };
        static const double values[] = { -1, -INFINITY, INFINITY, NAN, 2e15 };
        Report r = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                ck_assert_int_eq(report_gauge(&r, names[i], 1), -EINVAL);
        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
                ck_assert_int_eq(report_gauge(&r, "g", values[i]), -ERANGE);
                ck_assert_int_eq(report_count(&r, "c", values[i]), -ERANGE);
        }
        ck_assert_int_eq(report_gauge(&r, "g", 1), 0);
        ck_assert_int_eq(report_count(&r, "g", 1), -EINVAL);
        expect_text(&r, "g:1|g");
}
END_TEST

START_TEST(the_largest_report_fits_and_a_further_name_does_not) {
        Report r = { 0 };
        char text[REPORT_TEXT_MAX], name[REPORT_NAME_MAX + 1];

        for (int i = 0; i < REPORT_METRICS_MAX; i++) {
                (void) snprintf(name, sizeof(name), "%064d", i);
                ck_assert_int_eq(report_gauge(&r, name, 999999999.1234567), 0);
        }
        ck_assert_int_eq(report_gauge(&r, "one-more", 1), -ENOSPC);
        ck_assert_uint_lt(report_format(&r, text), REPORT_TEXT_MAX);
        ck_assert(endswith(text, "000015:999999999.123457|g"));
}
END_TEST

/* --- delivery, by the example of spool --- */

static void start_spool(Bench *b) {
        char directory[4096], option[4200];

        bench_create(b, "in/");
        (void) snprintf(option, sizeof(option), "--directory=%s", bench_path(b, directory, "in"));
        bench_run(b, SPOOL, option, NULL);
        if (b->fd >= 0)
                bench_expect(b, "backlog", 0);
}

START_TEST(a_socket_that_comes_later_gets_everything) {
        Bench b;

        bench_start(&b);
        bench_close_socket(&b);
        start_spool(&b);
        bench_expect_log(&b, "trying again until it works");
        bench_create(&b, "in/a");
        bench_create(&b, "in/b");
        bench_remove(&b, "in/a");
        bench_open_socket(&b);
        bench_expect(&b, "arrived", 2);
        bench_expect(&b, "backlog", 1);
        bench_expect_log(&b, "again");
        ck_assert_uint_eq(bench_count_log(&b, "trying again until it works"), 1);
        bench_stop(&b);
}
END_TEST

START_TEST(a_socket_that_is_replaced_is_followed) {
        Bench b;

        bench_start(&b);
        start_spool(&b);
        bench_create(&b, "in/a");
        bench_expect(&b, "arrived", 1);
        bench_close_socket(&b);
        bench_create(&b, "in/b");
        bench_open_socket(&b);
        bench_create(&b, "in/c");
        bench_expect(&b, "arrived", 3);
        bench_expect(&b, "backlog", 3);
        bench_stop(&b);
}
END_TEST

/* Nobody reads until the queue of the socket (net.unix.max_dgram_qlen, 10) is full. */
START_TEST(a_full_socket_loses_no_increment) {
        Bench b;
        char name[32];
        int files = 0;

        bench_start(&b);
        start_spool(&b);
        while (bench_count_log(&b, "Resource temporarily unavailable") == 0) {
                ck_assert_int_lt(files, 4000);
                (void) snprintf(name, sizeof(name), "in/%d", files++);
                bench_create(&b, name);
                (void) usleep(10000);
        }
        bench_create(&b, "in/last");
        bench_expect(&b, "backlog", files + 1);
        bench_expect(&b, "arrived", files + 1);
        bench_stop(&b);
}
END_TEST

START_TEST(many_changes_are_few_datagrams) {
        Bench b;
        char name[32];

        bench_start(&b);
        start_spool(&b);
        for (int i = 0; i < 2000; i++) {
                (void) snprintf(name, sizeof(name), "in/%d", i);
                bench_create(&b, name);
        }
        bench_expect(&b, "arrived", 2000);
        ck_assert_uint_lt(b.datagrams, 500);
        bench_stop(&b);
}
END_TEST

START_TEST(without_a_change_a_heartbeat_is_sent) {
        Bench b;

        bench_start(&b);
        start_spool(&b);
        size_t before = b.datagrams;
        WAIT_UNTIL((bench_receive(&b), b.datagrams > before));
        ck_assert(bench_value(&b, "backlog") == 0);
        ck_assert(bench_value(&b, "arrived") == 0);
        bench_stop(&b);
}
END_TEST

START_TEST(increments_are_delivered_at_the_end) {
        Bench b;

        bench_start(&b);
        start_spool(&b);
        bench_create(&b, "in/a");
        bench_expect(&b, "arrived", 1);
        bench_create(&b, "in/b");
        /* the event is in the queue; it may be processed or not, but what is counted is sent */
        bench_expect(&b, "backlog", 2);
        bench_terminate(&b);
        ck_assert_int_eq(bench_wait_exit(&b), 0);
        bench_receive(&b);
        ck_assert(bench_value(&b, "arrived") == 2);
        bench_stop(&b);
}
END_TEST

/* --- service manager --- */

typedef struct Notifications {
        int fd;
        StrBuf all;
} Notifications;

static bool notified(Notifications *n, const char *line) {
        char text[4096];
        ssize_t size;

        while ((size = recv(n->fd, text, sizeof(text), 0)) > 0) {
                strbuf_append_n(&n->all, text, (size_t) size);
                strbuf_append_char(&n->all, '\n');
        }
        return strstr(strbuf_string(&n->all), line);
}

START_TEST(the_service_manager_hears_of_readiness_status_and_life) {
        Bench b;
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        bench_start(&b);
        Notifications n = { .fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) };
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", b.directory);
        ck_assert_int_eq(bind(n.fd, (struct sockaddr *) &address, sizeof(address)), 0);
        ck_assert_int_eq(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
        ck_assert_int_eq(setenv("WATCHDOG_USEC", "1000000", 1), 0);
        start_spool(&b);
        WAIT_UNTIL(notified(&n, "READY=1"));
        WAIT_UNTIL(notified(&n, "STATUS=0 files wait in '"));
        WAIT_UNTIL(notified(&n, "WATCHDOG=1"));
        bench_create(&b, "in/a");
        bench_create(&b, "in/b");
        WAIT_UNTIL((bench_receive(&b), notified(&n, "STATUS=2 files wait in '")));
        bench_terminate(&b);
        WAIT_UNTIL(notified(&n, "STOPPING=1"));
        ck_assert_int_eq(bench_wait_exit(&b), 0);
        ck_assert_int_eq(close(n.fd), 0);
        strbuf_done(&n.all);
        bench_stop(&b);
}
END_TEST

CHECK_MAIN("plugin", TEST(arguments_are_read_by_their_types),
                TEST(a_wrong_argument_is_named_with_what_to_do),
                TEST(a_list_that_is_too_long_is_refused),
                TEST(help_and_version_need_no_other_argument),
                TEST(a_wrong_command_line_exits_with_64_and_one_line),
                TEST(gauges_keep_their_latest_value_and_counters_add_up),
                TEST(only_a_change_is_a_change),
                TEST(what_is_forgotten_is_not_reported_but_no_increment_is_lost),
                TEST(bad_names_and_values_are_refused_and_change_nothing),
                TEST(the_largest_report_fits_and_a_further_name_does_not),
                TEST(a_socket_that_comes_later_gets_everything),
                TEST(a_socket_that_is_replaced_is_followed), TEST(a_full_socket_loses_no_increment),
                TEST(many_changes_are_few_datagrams), TEST(without_a_change_a_heartbeat_is_sent),
                TEST(increments_are_delivered_at_the_end),
                TEST(the_service_manager_hears_of_readiness_status_and_life))

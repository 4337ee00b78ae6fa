/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <math.h>

#include "check_main.h"
#include "report.h"

static int parse(const char *line, Report *ret) {
        size_t size = strlen(line);
        return report_next(&line, &size, ret);
}

START_TEST(lines_mean_what_statsd_says) {
        static const struct {
                const char *line;
                ReportName name;
                bool relative;
                double value;
        } good[] = {
                { "items:1|c", REPORT_ITEMS, false, 1 },
                { "items:250|c", REPORT_ITEMS, false, 250 },
                { "items:1|c|@0.1", REPORT_ITEMS, false, 10 },
                { "items:3|c|#queue:a,host:b", REPORT_ITEMS, false, 3 },
                { "items:3|c|@0.5|#a:b|c:xyz|T1656581400", REPORT_ITEMS, false, 6 },
                { "items:2.5|c", REPORT_ITEMS, false, 2.5 },
                { "items:123456789012|c|@1", REPORT_ITEMS, false, 123456789012 },
                { "arrived:7|c\r", REPORT_ARRIVED, false, 7 },
                { "backlog:42|g", REPORT_BACKLOG, false, 42 },
                { "backlog:+5|g", REPORT_BACKLOG, true, 5 },
                { "backlog:-5.5|g", REPORT_BACKLOG, true, -5.5 },
                { "backlog:10|g|@0.1", REPORT_BACKLOG, false, 10 },
                { "oldest:0.25|g", REPORT_OLDEST, false, 0.25 },
                { "busy:1e-1|g", REPORT_BUSY, false, 0.1 },
                { "busy:1|g", REPORT_BUSY, false, 1 },
                { "oldest:7|g", REPORT_OLDEST, false, 7 },
                { "items:999999999|c", REPORT_ITEMS, false, 999999999 },
                { "items:9999999999|c", REPORT_ITEMS, false, 9999999999 },
                { "items:0000000001|c", REPORT_ITEMS, false, 1 },
        };
        for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
                Report r;
                ck_assert_msg(parse(good[i].line, &r) == 1, "%s", good[i].line);
                ck_assert_msg(r.name == good[i].name, "%s", good[i].line);
                ck_assert_msg(r.relative == good[i].relative, "%s", good[i].line);
                ck_assert_msg(fabs(r.value - good[i].value) < 1e-9, "%s: %g", good[i].line,
                                r.value);
        }
}
END_TEST

START_TEST(other_metrics_are_no_garbage) {
        static const char *const other[] = { "", "\r", "requests:1|c", "latency:320|ms",
                "users:765|s", "item:1|c", "itemss:1|c", "ITEMS:1|c", "x.items:1|c" };
        for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
                Report r;
                ck_assert_msg(parse(other[i], &r) == 0, "'%s'", other[i]);
        }
}
END_TEST

START_TEST(garbage_is_told_from_reports) {
        static const char *const bad[] = { "items", "items:", "items:1", "items:1|", "items:|c",
                ":1|c", "items:1|g", "items:x|c", "items:-1|c", "items:nan|c", "items:inf|c",
                "items:1e999|c", "items:0x10|c", "items: 1|c", "items:1|c|@0", "items:1|c|@2",
                "items:1|c|@-1", "items:1|c|@x", "items:1|c|@1e-300", "backlog:1|c", "busy:1|ms",
                "busy:1|c", "items:1|cc", "items:1|", "items:1:2|c", "backlog:--1|g",
                "backlog:1e300|g", "items:1234567890123|c",
                "items:11111111111111111111111111111111111111111111111111111111111111111111111|c" };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                Report r;
                ck_assert_msg(parse(bad[i], &r) == -EBADMSG, "'%s'", bad[i]);
        }

        /* neither a NUL nor the end of the datagram is overrun */
        static const char nul[] = "items:1\0|c";
        const char *text = nul;
        size_t size = sizeof(nul) - 1;
        Report r;
        ck_assert_int_eq(report_next(&text, &size, &r), -EBADMSG);
        ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(a_datagram_is_read_to_its_last_byte_and_no_further) {
        static const char datagram[] = "items:1|c\n\nfoo\nbacklog:9|g\nitems:29|c";
        const char *text = datagram;
        size_t size = sizeof(datagram) - 2; /* the rest is not part of it: "items:29|" */
        Report r;

        ck_assert_int_eq(report_next(&text, &size, &r), 1);
        ck_assert_int_eq(r.name, REPORT_ITEMS);
        ck_assert_int_eq(report_next(&text, &size, &r), 0);
        ck_assert_int_eq(report_next(&text, &size, &r), -EBADMSG);
        ck_assert_int_eq(report_next(&text, &size, &r), 1);
        ck_assert_int_eq(r.name, REPORT_BACKLOG);
        ck_assert(r.value == 9);
        ck_assert_int_eq(report_next(&text, &size, &r), -EBADMSG);
        ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(the_last_newline_begins_no_further_line) {
        const char *text = "items:1|c\n";
        size_t size = strlen(text);
        Report r;
        ck_assert_int_eq(report_next(&text, &size, &r), 1);
        ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(a_flood_is_cut_and_ends_with_its_second) {
        ReportRate rate = { 0 };
        usec_t now = 100 * USEC_PER_SEC;
        bool first = false;

        for (unsigned i = 0; i < REPORT_RATE_MAX; i++)
                ck_assert(report_rate_admit(&rate, now, &first));
        ck_assert(!report_rate_admit(&rate, now, &first));
        ck_assert(first);
        ck_assert(!report_rate_admit(&rate, now + USEC_PER_SEC - 1, &first));
        ck_assert(!first);
        ck_assert(report_rate_admit(&rate, now + USEC_PER_SEC, &first));
}
END_TEST

CHECK_MAIN("report", TEST(lines_mean_what_statsd_says), TEST(other_metrics_are_no_garbage),
                TEST(garbage_is_told_from_reports),
                TEST(a_datagram_is_read_to_its_last_byte_and_no_further),
                TEST(the_last_newline_begins_no_further_line),
                TEST(a_flood_is_cut_and_ends_with_its_second))

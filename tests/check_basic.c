/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>

#include "arena.h"
#include "check_main.h"
#include "macro.h"
#include "number.h"
#include "strbuf.h"
#include "timespan.h"
#include "unit-name.h"

START_TEST(timespans_are_read_as_systemd_reads_them) {
        static const struct {
                const char *text;
                usec_t usec;
        } good[] = {
                { "10", 10 * USEC_PER_SEC },
                { "0", 0 },
                { "10s", 10 * USEC_PER_SEC },
                { " 1min 30s ", 90 * USEC_PER_SEC },
                { "1min30s", 90 * USEC_PER_SEC },
                { "2.5h", 9000 * USEC_PER_SEC },
                { "500ms", 500 * USEC_PER_MSEC },
                { "1.5", 1500 * USEC_PER_MSEC },
                { "3 hours 4 sec", 10804 * USEC_PER_SEC },
                { "7us", 7 },
                { "1M", 2629800 * USEC_PER_SEC },
                { "0.0000019s", 1 },
                { "infinity", USEC_INFINITY },
        };
        for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
                usec_t usec = 1;
                ck_assert_msg(parse_timespan(good[i].text, &usec) == 0, "%s", good[i].text);
                ck_assert_msg(usec == good[i].usec, "%s: %" PRIu64, good[i].text, usec);
        }
}
END_TEST

START_TEST(what_is_no_timespan_is_refused) {
        static const char *const bad[] = { "", " ", "s", "10x", "-1s", "1.s", ".5s", "1 s s",
                "10s infinity", "infinitys", "0x10", "ten" };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                usec_t usec;
                ck_assert_msg(parse_timespan(bad[i], &usec) == -EINVAL, "'%s'", bad[i]);
        }

        usec_t usec;
        ck_assert_int_eq(parse_timespan("18446744073709551615us", &usec), -ERANGE);
        ck_assert_int_eq(parse_timespan("99999999999999y", &usec), -ERANGE);
        ck_assert_int_eq(parse_timespan("600000y", &usec), -ERANGE);
}
END_TEST

START_TEST(a_formatted_timespan_reads_back_as_itself) {
        static const usec_t spans[] = { 0, 1, 999, 1000, 1500000, 90 * USEC_PER_SEC, 3661000001ULL,
                31557600 * USEC_PER_SEC, USEC_INFINITY - 1, USEC_INFINITY };
        for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
                char buffer[TIMESPAN_MAX];
                usec_t usec;
                ck_assert_int_eq(parse_timespan(format_timespan(buffer, sizeof(buffer), spans[i]),
                                                 &usec),
                                0);
                ck_assert_msg(usec == spans[i], "%s", buffer);
        }
}
END_TEST

START_TEST(numbers_are_decimal_digits_only) {
        uint64_t u;
        unsigned n;
        double d;

        ck_assert_int_eq(parse_u64("18446744073709551615", &u), 0);
        ck_assert(u == UINT64_MAX);
        ck_assert_int_eq(parse_u64("18446744073709551616", &u), -ERANGE);
        static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1", "1.0", "1e3" };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(parse_u64(bad[i], &u) == -EINVAL, "'%s'", bad[i]);

        ck_assert_int_eq(parse_unsigned("4294967296", &n), -ERANGE);
        ck_assert_int_eq(parse_double("1.5e2", &d), 0);
        ck_assert(d == 150);
        ck_assert_int_eq(parse_double("1e999", &d), -ERANGE);
        static const char *const bad_double[]
                        = { "", "nan", "inf", "0x1p3", "1 ", " 1", "1..2", "e" };
        for (size_t i = 0; i < ARRAY_SIZE(bad_double); i++)
                ck_assert_msg(parse_double(bad_double[i], &d) == -EINVAL, "'%s'", bad_double[i]);
}
END_TEST

START_TEST(names_of_units_split_into_what_they_were_made_of) {
        char id[UNIT_NAME_MAX + 1];
        unsigned n;

        ck_assert_int_eq(parse_instance_unit("worker-a-b@12.service", id, &n), 0);
        ck_assert_str_eq(id, "a-b");
        ck_assert_uint_eq(n, 12);
        ck_assert_int_eq(parse_instance_unit("worker-ws.x1@1.service", id, &n), 0);
        ck_assert_str_eq(id, "ws.x1");
        ck_assert_int_eq(parse_backlog_unit("worker-a-backlog.service", id), 0);
        ck_assert_str_eq(id, "a");
        ck_assert_int_eq(parse_target_unit("worker-ws.x1.target", id), 0);
        ck_assert_str_eq(id, "ws.x1");

        static const char *const bad[] = { "worker-a@.service", "worker-a@01.service",
                "worker-a@0.service", "worker-a@x.service", "worker-@1.service", "worker-a.service",
                "other-a@1.service", "worker-a@1.target", "worker-a@1@1.service" };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(parse_instance_unit(bad[i], id, &n) == -EINVAL, "%s", bad[i]);

        /* an instance of the worker "x-backlog" is not the backlog unit of "x" */
        ck_assert_int_eq(parse_backlog_unit("worker-x-backlog@1.service", id), -EINVAL);
        ck_assert_int_eq(parse_instance_unit("worker-x-backlog@1.service", id, &n), 0);
        ck_assert_str_eq(id, "x-backlog");
        ck_assert_int_eq(parse_backlog_unit("worker-backlog.service", id), -EINVAL);
}
END_TEST

START_TEST(worker_and_workspace_names_follow_the_reference) {
        static const char *const good[] = { "ab", "0a", "a-b", "a--b", "x1",
                "a23456789012345678901234567890123456789012345678" };
        static const char *const bad[] = { "", "a", "-a", "a-", "A1", "a_b", "a.b", "a b",
                "a234567890123456789012345678901234567890123456789" };
        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                ck_assert_msg(worker_name_is_valid(good[i]), "%s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(!worker_name_is_valid(bad[i]), "%s", bad[i]);
        ck_assert(workspace_is_valid("a"));
        ck_assert(workspace_is_valid("public"));
        ck_assert(!workspace_is_valid("0a"));
        ck_assert(!workspace_is_valid("a."));
        ck_assert(!workspace_is_valid("a23456789012345678901234567890123"));
}
END_TEST

START_TEST(a_string_buffer_keeps_all_that_was_appended) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        ck_assert_str_eq(strbuf_string(&b), "");
        for (unsigned i = 0; i < 1000; i++)
                strbuf_printf(&b, "%03u,", i);
        strbuf_append_char(&b, '!');
        ck_assert_uint_eq(b.len, 4001);
        ck_assert_int_eq(strncmp(strbuf_string(&b) + 3996, "999,!", 6), 0);
        ck_assert_int_eq(strbuf_error(&b), 0);

        CLEANUP(freep) char *s = NULL;
        ck_assert_int_eq(strbuf_finish(&b, &s), 0);
        ck_assert_uint_eq(strlen(s), 4001);
        ck_assert_str_eq(strbuf_string(&b), "");
}
END_TEST

START_TEST(a_failed_string_buffer_stays_failed) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        char *s = NULL;

        strbuf_append_n(&b, "x", SIZE_MAX / 2);
        strbuf_append(&b, "more");
        ck_assert_int_eq(strbuf_error(&b), -ENOMEM);
        ck_assert_int_eq(strbuf_finish(&b, &s), -ENOMEM);
        ck_assert_ptr_null(s);
}
END_TEST

START_TEST(an_arena_gives_zeroed_memory_that_does_not_overlap) {
        CLEANUP(arena_done) Arena a = { 0 };
        char *p[100];

        for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
                p[i] = arena_alloc(&a, 300);
                for (size_t k = 0; k < 300; k++)
                        ck_assert_int_eq(p[i][k], 0);
                memset(p[i], (int) i, 300);
        }
        for (size_t i = 0; i < ARRAY_SIZE(p); i++)
                for (size_t k = 0; k < 300; k++)
                        ck_assert_int_eq(p[i][k], (int) i);
        ck_assert_str_eq(arena_strndup(&a, "abcdef", 3), "abc");
        ck_assert_ptr_nonnull(arena_alloc(&a, 100000));
        ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX));
}
END_TEST

CHECK_MAIN("basic", TEST(timespans_are_read_as_systemd_reads_them),
                TEST(what_is_no_timespan_is_refused),
                TEST(a_formatted_timespan_reads_back_as_itself),
                TEST(numbers_are_decimal_digits_only),
                TEST(names_of_units_split_into_what_they_were_made_of),
                TEST(worker_and_workspace_names_follow_the_reference),
                TEST(a_string_buffer_keeps_all_that_was_appended),
                TEST(a_failed_string_buffer_stays_failed),
                TEST(an_arena_gives_zeroed_memory_that_does_not_overlap))

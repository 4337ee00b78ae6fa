/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"
#include "syscalls.h"
#include "worker-filter.h"

START_TEST(system_calls_are_known_by_name) {
        ck_assert(syscall_is_known("read"));
        ck_assert(syscall_is_known("sched_setaffinity"));
        ck_assert(syscall_is_known("socketcall")); /* of another architecture */
        ck_assert(!syscall_is_known("raed"));
        ck_assert(!syscall_is_known(""));
        ck_assert(!syscall_is_known("@clock"));
        ck_assert(!syscall_is_known("read:EPERM"));
}
END_TEST

START_TEST(groups_are_those_of_a_systemd) {
        ck_assert(syscall_group_is_known("@resources", 252));
        ck_assert(!syscall_group_is_known("resources", 252));
        ck_assert(!syscall_group_is_known("@resource", 252));
        ck_assert(!syscall_group_is_known("@sandbox", 252));
        ck_assert(syscall_group_is_known("@sandbox", 254));
}
END_TEST

START_TEST(the_name_that_was_meant_is_found) {
        static const char *const rows[][2] = { { "@resource", "@resources" }, { "raed", "read" },
                { "sched_setafinity", "sched_setaffinity" }, { "@nothing-like-it", NULL },
                { "nothinglikeit", NULL } };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(freep) char *near = syscall_nearest(rows[i][0]);
                if (rows[i][1])
                        ck_assert_str_eq(near, rows[i][1]);
                else
                        ck_assert_ptr_null(near);
        }
}
END_TEST

START_TEST(whatever_lets_anybody_in_is_refused_with_a_reason) {
        static const char *const refused[] = { "listen", "accept", "accept4", "bind",
                "io_uring_setup", "io_uring_enter", "io_uring_register", "@network-io", "@aio",
                "@system-service", "@known" };

        for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
                ck_assert_msg(syscall_ingress(refused[i]), "%s", refused[i]);
        ck_assert_ptr_null(syscall_ingress("connect"));
        ck_assert_ptr_null(syscall_ingress("@resources"));
        /* on some architectures it stands for all the others */
        ck_assert_ptr_nonnull(syscall_ingress("socketcall"));
}
END_TEST

START_TEST(names_that_are_not_known_are_left_out_of_a_line) {
        static const struct {
                const char *line, *value, *unknown;
        } rows[] = {
                { "~listen not_a_call bind", "~listen bind", "not_a_call" },
                { "~not_a_call listen", "~listen", "not_a_call" },
                { "@sandbox @chown", "@chown", "@sandbox" },
                { "~not_a_call nor_this", "", "not_a_call nor_this" },
                { "@system-service", "@system-service", "" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(strbuf_done) StrBuf value = { 0 }, unknown = { 0 };
                filter_line_print(&(FilterLine){ .value = rows[i].line }, 252, &value, &unknown);
                ck_assert_str_eq(strbuf_string(&value), rows[i].value);
                ck_assert_str_eq(strbuf_string(&unknown), rows[i].unknown);
        }
}
END_TEST

CHECK_MAIN("syscalls", TEST(system_calls_are_known_by_name), TEST(groups_are_those_of_a_systemd),
                TEST(the_name_that_was_meant_is_found),
                TEST(whatever_lets_anybody_in_is_refused_with_a_reason),
                TEST(names_that_are_not_known_are_left_out_of_a_line))

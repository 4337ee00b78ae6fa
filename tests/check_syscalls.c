/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <seccomp.h>

#include "check_main.h"
#include "syscalls.h"

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

START_TEST(groups_are_those_of_systemd) {
        ck_assert(syscall_group_is_known("@resources"));
        ck_assert(!syscall_group_is_known("resources"));
        ck_assert(!syscall_group_is_known("@resource"));
        ck_assert_str_eq(syscall_nearest_group("@resource"), "@resources");
        ck_assert_ptr_null(syscall_nearest_group("@nothing-like-it"));
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

CHECK_MAIN("syscalls", TEST(system_calls_are_known_by_name), TEST(groups_are_those_of_systemd),
                TEST(whatever_lets_anybody_in_is_refused_with_a_reason))

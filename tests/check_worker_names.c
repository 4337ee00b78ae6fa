/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>

#include "check_main.h"
#include "macro.h"
#include "registry.h"
#include "worker-names.h"

/* systemd's rule, docs/USER_NAMES.md: [a-zA-Z_][a-zA-Z0-9_-]{0,30} */
static bool user_is_valid(const char *s) {
        return ((*s >= 'a' && *s <= 'z') || *s == '_') && strlen(s) <= 31
               && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static const char *user_of(WorkerNames *names, const char *workspace, const char *name) {
        ck_assert_int_eq(worker_names_make(names, workspace, name), 0);
        ck_assert_msg(user_is_valid(names->user), "%s", names->user);
        return names->user;
}

START_TEST(an_id_has_its_workspace_unless_that_is_public) {
        WorkerNames n;

        ck_assert_int_eq(worker_names_make(&n, "public", "demo"), 0);
        ck_assert_str_eq(n.id, "demo");
        ck_assert_str_eq(n.slice, "workers-public-demo.slice");
        ck_assert_str_eq(n.workspace_slice, "workers-public.slice");
        ck_assert_int_eq(worker_names_make(&n, "media", "demo"), 0);
        ck_assert_str_eq(n.id, "media.demo");
        ck_assert_str_eq(n.slice, "workers-media-demo.slice");
}
END_TEST

START_TEST(dashes_in_slices_are_escaped_as_levels_separate_by_them) {
        WorkerNames n;

        ck_assert_int_eq(worker_names_make(&n, "a-b", "c-d"), 0);
        ck_assert_str_eq(n.slice, "workers-a\\x2db-c\\x2dd.slice");
        ck_assert_str_eq(n.workspace_slice, "workers-a\\x2db.slice");
}
END_TEST

START_TEST(a_slice_that_is_too_long_is_refused_and_the_longest_is_not) {
        char name[WORKER_NAME_MAX + 1];
        WorkerNames n;

        memset(name, '-', WORKER_NAME_MAX);
        name[0] = name[WORKER_NAME_MAX - 1] = 'a';
        name[WORKER_NAME_MAX] = '\0';
        ck_assert_int_eq(worker_names_make(&n, "public", name), 0);
        ck_assert_int_eq(worker_names_make(&n, "a------------------------------b", name),
                        -ENAMETOOLONG);

        /* 255 characters are the limit: "workers-" + W + "-" + N + ".slice" */
        bool too_long = false;
        for (unsigned dashes = 0; dashes <= 30; dashes++) {
                char workspace[WORKSPACE_MAX + 1];
                memset(workspace, '-', sizeof(workspace));
                workspace[0] = 'a';
                workspace[dashes + 1] = 'b';
                workspace[dashes + 2] = '\0';
                size_t length = strlen("workers-") + 2 + 4 * dashes + 1 + 2 + 46 * 4
                                + strlen(".slice");
                int r = worker_names_make(&n, workspace, name);
                ck_assert_int_eq(r, length > UNIT_NAME_MAX ? -ENAMETOOLONG : 0);
                if (r == 0)
                        ck_assert_uint_eq(strlen(n.slice), length);
                too_long = too_long || r < 0;
        }
        ck_assert(too_long);
}
END_TEST

START_TEST(a_user_is_the_id_as_long_as_that_fits) {
        WorkerNames n;

        ck_assert_str_eq(user_of(&n, "public", "demo"), "worker-demo");
        ck_assert_str_eq(user_of(&n, "public", "a23456789012345678901234"),
                        "worker-a23456789012345678901234");
        const char *long_user = user_of(&n, "public", "a234567890123456789012345");
        ck_assert_uint_eq(strlen(long_user), 31);
        ck_assert(startswith(long_user, "worker-a234567890"));
        ck_assert_int_eq(long_user[17], '_');
}
END_TEST

START_TEST(no_two_workers_have_one_user) {
        CLEANUP(registry_done) Registry users = { 0 };
        static const char *const workspaces[]
                        = { "public", "a", "a-b", "aa", "ab", "a23456789012345678901234567890bc" };
        unsigned n = 0;

        for (size_t w = 0; w < ARRAY_SIZE(workspaces); w++)
                for (unsigned length = 2; length <= WORKER_NAME_MAX; length++)
                        for (char last = 'a'; last <= 'z'; last++) {
                                char name[WORKER_NAME_MAX + 1];
                                Place where = { 0 };
                                WorkerNames names;
                                memset(name, 'x', length - 1);
                                if (length > 3)
                                        name[length / 2] = '-';
                                name[length - 1] = last;
                                name[length] = '\0';
                                const char *user = user_of(&names, workspaces[w], name);
                                ck_assert_msg(registry_take(&users, user, name, 1, &where) == 0,
                                                "%s %s: %s as %s", workspaces[w], name, user,
                                                where.path);
                                n++;
                        }
        ck_assert_uint_eq(n, ARRAY_SIZE(workspaces) * 47 * 26);
}
END_TEST

START_TEST(a_workspace_and_a_dash_are_told_apart) {
        WorkerNames a, b;

        ck_assert_str_ne(user_of(&a, "a-b", "cc"), user_of(&b, "a", "b-cc"));
        ck_assert_str_ne(a.id, b.id);
        ck_assert_str_ne(a.slice, b.slice);
        /* "a.bc" and the worker "a-bc" of the workspace public */
        ck_assert_str_ne(user_of(&a, "a", "bc"), user_of(&b, "public", "a-bc"));
        ck_assert_str_ne(a.slice, b.slice);
}
END_TEST

START_TEST(users_of_instances_are_short_enough_and_nobody_elses) {
        char stem[USER_NAME_MAX + 1], user[USER_NAME_MAX + 6];
        WorkerNames n;

        worker_user_name("a234567890123456789012345", USER_NAME_MAX - 5, stem);
        ck_assert_uint_le(strlen(stem), 26);
        (void) snprintf(user, sizeof(user), "%s_4096", stem);
        ck_assert(user_is_valid(user));

        worker_user_name("xy", USER_NAME_MAX - 5, stem);
        (void) snprintf(user, sizeof(user), "%s_1", stem);
        ck_assert_str_ne(user, user_of(&n, "public", "xy-1"));
        ck_assert_str_ne(user, user_of(&n, "xy", "11"));
}
END_TEST

CHECK_MAIN("worker-names", TEST(an_id_has_its_workspace_unless_that_is_public),
                TEST(dashes_in_slices_are_escaped_as_levels_separate_by_them),
                TEST(a_slice_that_is_too_long_is_refused_and_the_longest_is_not),
                TEST(a_user_is_the_id_as_long_as_that_fits), TEST(no_two_workers_have_one_user),
                TEST(a_workspace_and_a_dash_are_told_apart),
                TEST(users_of_instances_are_short_enough_and_nobody_elses))

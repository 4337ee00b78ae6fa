/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "check_main.h"
#include "environment.h"
#include "io.h"
#include "strbuf.h"

START_TEST(a_wish_is_a_secret_and_perhaps_a_key) {
        Wish all = wish_parse("db"), one = wish_parse("db:PASSWORD");

        ck_assert_str_eq(wish_match(&all, "db_USER"), "USER");
        ck_assert_str_eq(wish_match(&all, "db_A_B"), "A_B");
        ck_assert_ptr_null(wish_match(&all, "db"));
        ck_assert_ptr_null(wish_match(&all, "db_"));
        ck_assert_ptr_null(wish_match(&all, "db2_USER"));
        ck_assert_ptr_null(wish_match(&all, "other_USER"));
        ck_assert_str_eq(wish_match(&one, "db_PASSWORD"), "PASSWORD");
        ck_assert_ptr_null(wish_match(&one, "db_PASSWORD2"));
        ck_assert_ptr_null(wish_match(&one, "db_USER"));
}
END_TEST

START_TEST(only_names_of_variables_become_variables) {
        static const char *const good[] = { "A", "_", "a1", "A_B9" };
        static const char *const bad[] = { "", "1A", "A-B", "A.B", "A B", "A=B", "\xc3\xa4" };

        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                ck_assert_msg(variable_name_is_valid(good[i]), "%s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(!variable_name_is_valid(bad[i]), "%s", bad[i]);
}
END_TEST

static int collect(const char *key, char *text, size_t size, void *userdata) {
        strbuf_printf(userdata, "%s=%.*s;", key, (int) size, text);
        return STREQ(key, "REFUSED") ? -EINVAL : 0;
}

static void put(int fd, const char *name, const char *text) {
        CLEANUP(closep) int out = openat(fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(out, 0);
        ck_assert_int_eq(write_all(out, text, strlen(text)), 0);
}

START_TEST(credentials_come_in_the_order_of_their_names) {
        char directory[] = "/tmp/check-environment-XXXXXX", name[NAME_MAX + 1] = "";
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        ck_assert_ptr_nonnull(mkdtemp(directory));
        CLEANUP(closep) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        put(fd, "db_B", "2");
        put(fd, "db_A", "1\n");
        put(fd, "dbx_C", "3");
        put(fd, "other", "4");

        Wish w = wish_parse("db");
        ck_assert_int_eq(credentials_each(fd, &w, collect, &b, name), 0);
        ck_assert_str_eq(strbuf_string(&b), "A=1\n;B=2;");

        w = wish_parse("none");
        ck_assert_int_eq(credentials_each(fd, &w, collect, &b, name), -ENOENT);

        put(fd, "r_REFUSED", "");
        put(fd, "r_Z", "");
        w = wish_parse("r");
        strbuf_clear(&b);
        ck_assert_int_eq(credentials_each(fd, &w, collect, &b, name), -EINVAL);
        ck_assert_str_eq(name, "r_REFUSED");
        ck_assert_str_eq(strbuf_string(&b), "REFUSED=;");

        static const char *const names[] = { "db_A", "db_B", "dbx_C", "other", "r_REFUSED", "r_Z" };
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                ck_assert_int_eq(unlinkat(fd, names[i], 0), 0);
        ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

CHECK_MAIN("environment", TEST(a_wish_is_a_secret_and_perhaps_a_key),
                TEST(only_names_of_variables_become_variables),
                TEST(credentials_come_in_the_order_of_their_names))

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "macro.h"
#include "volume.h"

typedef struct Bench {
        char directory[64], link[80];
} Bench;

/* false where the test is not run as root */
static bool bench_start(Bench *b, uid_t uid, gid_t gid) {
        (void) snprintf(b->directory, sizeof(b->directory), "/tmp/check-volume-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(b->directory));
        (void) snprintf(b->link, sizeof(b->link), "%s.link", b->directory);
        ck_assert_int_eq(symlink(b->directory, b->link), 0);
        if (geteuid() == 0 && chown(b->directory, uid, gid) == 0)
                return true;
        printf("skipped: whose a volume is, as only root can give one away\n");
        return false;
}

static void bench_end(const Bench *b) {
        (void) unlink(b->link);
        (void) rmdir(b->directory);
}

static void assert_owner(const Bench *b, uid_t uid, gid_t gid) {
        struct stat st;
        ck_assert_int_eq(stat(b->directory, &st), 0);
        ck_assert_uint_eq(st.st_uid, uid);
        ck_assert_uint_eq(st.st_gid, gid);
}

START_TEST(a_volume_of_nobody_gets_an_owner) {
        Bench b;
        if (bench_start(&b, 65534, 65534)) {
                ck_assert_int_eq(volume_claim(b.directory), 0);
                assert_owner(&b, 1, 1);
        }
        bench_end(&b);
}
END_TEST

START_TEST(a_volume_that_has_an_owner_keeps_it) {
        Bench b;
        if (bench_start(&b, 61184, 65534)) {
                ck_assert_int_eq(volume_claim(b.directory), 0);
                assert_owner(&b, 61184, 65534);
        }
        bench_end(&b);
}
END_TEST

START_TEST(a_link_is_not_followed) {
        Bench b;
        if (bench_start(&b, 65534, 65534)) {
                ck_assert_int_eq(volume_claim(b.link), -ENOTDIR);
                assert_owner(&b, 65534, 65534);
        }
        bench_end(&b);
}
END_TEST

CHECK_MAIN("volume", TEST(a_volume_of_nobody_gets_an_owner),
                TEST(a_volume_that_has_an_owner_keeps_it), TEST(a_link_is_not_followed))

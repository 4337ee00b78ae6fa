/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "plugin_bench.h"
#include "spool-set.h"

#define SPOOL "plugins/backlog/spool"

/* --- the set --- */

START_TEST(a_name_counts_once_and_keeps_its_age) {
        CLEANUP(spool_set_freep) SpoolSet *set = spool_set_new(10);
        int64_t since = 0;

        ck_assert_int_eq(spool_set_add(set, "a", 100), 1);
        ck_assert_int_eq(spool_set_add(set, "a", 50), 0);
        ck_assert_uint_eq(spool_set_count(set), 1);
        ck_assert(spool_set_oldest(set, &since));
        ck_assert_int_eq(since, 100);
        ck_assert(spool_set_remove(set, "a", &since));
        ck_assert(!spool_set_remove(set, "a", &since));
        ck_assert(!spool_set_oldest(set, &since));
}
END_TEST

START_TEST(a_full_set_refuses_and_says_that_it_is_incomplete) {
        CLEANUP(spool_set_freep) SpoolSet *set = spool_set_new(2);

        ck_assert_int_eq(spool_set_add(set, "a", 1), 1);
        ck_assert_int_eq(spool_set_add(set, "b", 2), 1);
        ck_assert(!spool_set_is_incomplete(set));
        ck_assert_int_eq(spool_set_add(set, "a", 3), 0);
        ck_assert_int_eq(spool_set_add(set, "c", 3), -ENOSPC);
        ck_assert(spool_set_is_incomplete(set));
        spool_set_begin_scan(set);
        ck_assert(!spool_set_is_incomplete(set));
}
END_TEST

START_TEST(what_a_scan_does_not_meet_is_gone) {
        CLEANUP(spool_set_freep) SpoolSet *set = spool_set_new(100);
        int64_t since;

        for (char name[] = "a"; *name <= 'z'; ++*name)
                ck_assert_int_eq(spool_set_add(set, name, *name), 1);
        spool_set_begin_scan(set);
        ck_assert_int_eq(spool_set_add(set, "m", 1), 0);
        ck_assert_int_eq(spool_set_add(set, "t", 1), 0);
        ck_assert_int_eq(spool_set_add(set, "new", 200), 1);
        spool_set_end_scan(set);

        ck_assert_uint_eq(spool_set_count(set), 3);
        ck_assert(spool_set_contains(set, "new"));
        ck_assert(!spool_set_contains(set, "a"));
        ck_assert(spool_set_oldest(set, &since));
        ck_assert_int_eq(since, 'm');
}
END_TEST

START_TEST(a_directory_goes_with_what_is_below_it_and_nothing_else) {
        CLEANUP(spool_set_freep) SpoolSet *set = spool_set_new(100);
        static const char *const names[] = { "sub/a", "sub/b/c", "sub", "sub2/a", "a/sub/x" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                ck_assert_int_eq(spool_set_add(set, names[i], (int64_t) i), 1);
        spool_set_remove_prefix(set, "sub/");
        ck_assert_uint_eq(spool_set_count(set), 3);
        ck_assert(spool_set_contains(set, "sub"));
        ck_assert(spool_set_contains(set, "sub2/a"));
        ck_assert(spool_set_contains(set, "a/sub/x"));
}
END_TEST

/* Against the simplest thing that could be right: an array of times, one for each name. */
START_TEST(random_changes_leave_the_right_count_and_the_right_oldest) {
        enum { NAMES = 300, STEPS = 60000 };
        CLEANUP(spool_set_freep) SpoolSet *set = spool_set_new(NAMES);
        int64_t model[NAMES] = { 0 }; /* 0: not there */
        unsigned state = 1;

        for (int step = 1; step <= STEPS; step++) {
                state = state * 1103515245U + 12345U;
                unsigned i = (state >> 8) % NAMES;
                char name[16];
                (void) snprintf(name, sizeof(name), "%u", i);

                if ((state >> 20) % 2 == 0) {
                        int64_t since = (int64_t) ((state >> 4) % 1000 + 1);
                        ck_assert_int_eq(spool_set_add(set, name, since), model[i] == 0);
                        model[i] = model[i] ?: since;
                } else {
                        int64_t since = 0;
                        ck_assert_int_eq(spool_set_remove(set, name, &since), model[i] != 0);
                        ck_assert_int_eq(since, model[i]);
                        model[i] = 0;
                }

                size_t count = 0;
                int64_t oldest = INT64_MAX, since = INT64_MAX;
                for (unsigned k = 0; k < NAMES; k++)
                        if (model[k] != 0) {
                                count++;
                                oldest = model[k] < oldest ? model[k] : oldest;
                        }
                ck_assert_uint_eq(spool_set_count(set), count);
                ck_assert_int_eq(spool_set_oldest(set, &since), count > 0);
                ck_assert_int_eq(since, oldest);
        }
}
END_TEST

START_TEST(a_hundred_thousand_names_come_and_go) {
        enum { NAMES = 100000 };
        CLEANUP(spool_set_freep) SpoolSet *set = spool_set_new(NAMES);
        char name[64];
        int64_t since;

        for (int i = 0; i < NAMES; i++) {
                (void) snprintf(name, sizeof(name), "incoming-%08d.json", i);
                ck_assert_int_eq(spool_set_add(set, name, NAMES - i), 1);
        }
        ck_assert(spool_set_oldest(set, &since));
        ck_assert_int_eq(since, 1);
        for (int i = NAMES - 1; i >= 0; i--) {
                ck_assert(spool_set_oldest(set, &since));
                ck_assert_int_eq(since, NAMES - i);
                (void) snprintf(name, sizeof(name), "incoming-%08d.json", i);
                ck_assert(spool_set_remove(set, name, NULL));
        }
        ck_assert_uint_eq(spool_set_count(set), 0);
}
END_TEST

START_TEST(hidden_ignored_and_not_matching_names_do_not_count) {
        SpoolFilter filter = { 0 };

        ck_assert(spool_filter_match(&filter, "a.tmp"));
        ck_assert(!spool_filter_match(&filter, ".a"));
        filter.ignore = (OptionValues){ .items = { ".tmp", ".part" }, .n = 2 };
        ck_assert(!spool_filter_match(&filter, "a.tmp"));
        ck_assert(!spool_filter_match(&filter, "a.part"));
        ck_assert(spool_filter_match(&filter, "a.tmp.pdf"));
        filter.glob = "*.p[dn][fg]";
        ck_assert(spool_filter_match(&filter, "a.png"));
        ck_assert(!spool_filter_match(&filter, "a.txt"));
        ck_assert(!spool_filter_match(&filter, ".a.pdf"));
}
END_TEST

/* --- the program --- */

static void start_spool(Bench *b, const char *more) {
        char directory[4096], option[4200];

        bench_start(b);
        bench_create(b, "in/");
        (void) snprintf(option, sizeof(option), "--directory=%s", bench_path(b, directory, "in"));
        bench_run(b, SPOOL, option, more, NULL);
        bench_expect(b, "backlog", 0);
}

START_TEST(a_file_counts_when_it_is_closed_and_until_it_is_removed) {
        Bench b;
        char path[4096];

        start_spool(&b, NULL);
        int fd = open(bench_path(&b, path, "in/slow"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        bench_create(&b, "in/done");
        bench_expect(&b, "backlog", 1);
        ck_assert_int_eq(write(fd, "x", 1), 1);
        ck_assert_int_eq(close(fd), 0);
        bench_expect(&b, "backlog", 2);
        bench_expect(&b, "arrived", 2);
        WAIT_UNTIL((bench_receive(&b), bench_value(&b, "oldest") >= 1));

        bench_remove(&b, "in/done");
        bench_remove(&b, "in/slow");
        bench_expect(&b, "backlog", 0);
        bench_expect(&b, "oldest", 0);
        ck_assert(bench_value(&b, "arrived") == 2);
        bench_stop(&b);
}
END_TEST

START_TEST(a_file_counts_when_it_is_renamed_into_place) {
        Bench b;

        start_spool(&b, "--ignore=.part");
        bench_create(&b, "elsewhere");
        bench_rename(&b, "elsewhere", "in/a");
        bench_expect(&b, "backlog", 1);
        bench_create(&b, "in/b.part");
        bench_create(&b, "in/.c");
        bench_rename(&b, "in/b.part", "in/b");
        bench_expect(&b, "backlog", 2);
        bench_rename(&b, "in/.c", "in/c");
        bench_expect(&b, "backlog", 3);

        /* another name for what waits is no arrival; a hidden one ends its waiting */
        bench_rename(&b, "in/a", "in/a2");
        bench_rename(&b, "in/b", "in/.taken");
        bench_rename(&b, "in/c", "taken");
        bench_expect(&b, "backlog", 1);
        ck_assert(bench_value(&b, "arrived") == 3);
        bench_stop(&b);
}
END_TEST

START_TEST(links_and_nameless_files_count_too) {
        Bench b;
        char a[4096], c[4096], proc[64];

        start_spool(&b, NULL);
        /* one that never settles, as it goes on changing */
        bench_create(&b, "original");
        int growing = open(bench_path(&b, a, "original"), O_WRONLY | O_CLOEXEC);
        ck_assert_int_ge(growing, 0);
        ck_assert_int_eq(link(bench_path(&b, a, "original"), bench_path(&b, c, "in/hard")), 0);
        WAIT_UNTIL((write(growing, "x", 1) == 1 && (bench_receive(&b), true)
                        && bench_value(&b, "backlog") == 1));
        ck_assert_int_eq(close(growing), 0);
        ck_assert_int_eq(symlink("/nowhere", bench_path(&b, c, "in/soft")), 0);
        bench_expect(&b, "backlog", 2);

        /* named after it was written, by a link: no close is seen */
        int fd = open(bench_path(&b, a, "in"), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        (void) snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
        ck_assert_int_eq(linkat(AT_FDCWD, proc, AT_FDCWD, bench_path(&b, c, "in/tmpfile"),
                                         AT_SYMLINK_FOLLOW),
                        0);
        ck_assert_int_eq(close(fd), 0);
        bench_expect(&b, "backlog", 3);
        bench_expect(&b, "arrived", 3);
        bench_stop(&b);
}
END_TEST

START_TEST(what_is_no_file_does_not_count) {
        Bench b;
        char path[4096];

        start_spool(&b, NULL);
        ck_assert_int_eq(mkfifo(bench_path(&b, path, "in/fifo"), 0600), 0);
        int fd = open(path, O_RDWR | O_CLOEXEC); /* closing it makes an IN_CLOSE_WRITE */
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(close(fd), 0);
        bench_create(&b, "in/directory/");
        bench_create(&b, "in/directory/below");
        bench_create(&b, "in/file");
        bench_expect(&b, "backlog", 1);
        bench_stop(&b);
}
END_TEST

START_TEST(a_file_that_is_closed_after_it_was_deleted_does_not_come_back) {
        Bench b;
        char path[4096];

        start_spool(&b, NULL);
        bench_create(&b, "in/a");
        bench_expect(&b, "backlog", 1);
        int fd = open(bench_path(&b, path, "in/a"), O_RDWR | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        bench_remove(&b, "in/a");
        ck_assert_int_eq(close(fd), 0);
        bench_create(&b, "in/b"); /* so that the events before are processed */
        bench_expect(&b, "arrived", 2);
        ck_assert(bench_value(&b, "backlog") == 1);
        bench_stop(&b);
}
END_TEST

START_TEST(what_was_there_before_waits_but_did_not_arrive) {
        Bench b;
        char directory[4096], option[4200];

        bench_start(&b);
        bench_create(&b, "in/");
        bench_create(&b, "in/a.pdf");
        bench_create(&b, "in/b.pdf");
        bench_create(&b, "in/c.txt");
        (void) snprintf(option, sizeof(option), "--directory=%s", bench_path(&b, directory, "in"));
        bench_run(&b, SPOOL, option, "--glob=*.pdf", NULL);
        bench_expect(&b, "backlog", 2);
        bench_create(&b, "in/d.pdf");
        bench_expect(&b, "backlog", 3);
        ck_assert(bench_value(&b, "arrived") == 1);
        bench_stop(&b);
}
END_TEST

START_TEST(sub_directories_count_only_when_asked) {
        Bench b;

        start_spool(&b, "--recursive=yes");
        bench_create(&b, "in/x/");
        bench_create(&b, "in/x/y/");
        bench_create(&b, "in/x/y/1");
        bench_create(&b, "in/x/2");
        bench_create(&b, "in/.hidden/");
        bench_create(&b, "in/.hidden/3");
        bench_expect(&b, "backlog", 2);

        /* a whole tree is moved in, within, and out */
        bench_create(&b, "t/");
        bench_create(&b, "t/u/");
        bench_create(&b, "t/u/4");
        bench_create(&b, "t/5");
        bench_rename(&b, "t", "in/t");
        bench_expect(&b, "backlog", 4);
        bench_expect(&b, "arrived", 4);
        bench_rename(&b, "in/t", "in/x/t");
        bench_remove(&b, "in/x/t/5");
        bench_expect(&b, "backlog", 3);
        bench_create(&b, "in/x/t/u/6");
        bench_expect(&b, "backlog", 4);
        bench_rename(&b, "in/x", "x");
        bench_expect(&b, "backlog", 0);
        bench_create(&b, "x/7");
        bench_create(&b, "in/8");
        bench_expect(&b, "backlog", 1);
        ck_assert(bench_value(&b, "arrived") == 6);
        bench_stop(&b);
}
END_TEST

START_TEST(a_directory_that_is_missing_is_waited_for) {
        Bench b;
        char directory[4096], option[4200];

        bench_start(&b);
        (void) snprintf(option, sizeof(option), "--directory=%s",
                        bench_path(&b, directory, "a/b//in/"));
        bench_run(&b, SPOOL, option, NULL);
        bench_expect(&b, "backlog", 0);
        bench_expect_log(&b, "is not there, waiting for it");
        bench_create(&b, "a/");
        bench_create(&b, "a/other/");
        bench_create(&b, "a/b/");
        bench_create(&b, "a/b/in/");
        bench_create(&b, "a/b/in/1");
        bench_expect(&b, "backlog", 1);
        bench_expect(&b, "arrived", 1);
        bench_stop(&b);
}
END_TEST

START_TEST(a_directory_that_is_replaced_is_followed) {
        Bench b;

        start_spool(&b, NULL);
        bench_create(&b, "in/old");
        bench_expect(&b, "backlog", 1);

        /* moved away: what happens there is no more of interest */
        bench_rename(&b, "in", "gone");
        bench_expect(&b, "backlog", 0);
        bench_create(&b, "gone/x");
        bench_create(&b, "in/");
        bench_create(&b, "in/1");
        bench_create(&b, "in/2");
        bench_expect(&b, "backlog", 2);

        /* removed and made again */
        bench_remove(&b, "in/1");
        bench_remove(&b, "in/2");
        bench_remove(&b, "in");
        bench_expect(&b, "backlog", 0);
        bench_create(&b, "in/");
        bench_create(&b, "in/3");
        bench_expect(&b, "backlog", 1);
        bench_expect(&b, "arrived", 4);
        bench_stop(&b);
}
END_TEST

START_TEST(a_symlink_and_a_parent_that_change_are_followed) {
        Bench b;
        char directory[4096], option[4200], path[4096], other[4096];

        bench_start(&b);
        bench_create(&b, "v1/");
        bench_create(&b, "v1/in/");
        bench_create(&b, "v2/");
        bench_create(&b, "v2/in/");
        bench_create(&b, "v2/in/a");
        bench_create(&b, "v2/in/b");
        ck_assert_int_eq(symlink("v1", bench_path(&b, path, "current")), 0);
        (void) snprintf(option, sizeof(option), "--directory=%s",
                        bench_path(&b, directory, "current/in"));
        bench_run(&b, SPOOL, option, NULL);
        bench_expect(&b, "backlog", 0);

        ck_assert_int_eq(symlink("v2", bench_path(&b, other, "next")), 0);
        bench_rename(&b, "next", "current");
        bench_expect(&b, "backlog", 2);
        bench_create(&b, "v2/in/c");
        bench_expect(&b, "backlog", 3);
        bench_stop(&b);

        start_spool(&b, NULL);
        bench_create(&b, "in/sub/");
        bench_terminate(&b);
        ck_assert_int_eq(bench_wait_exit(&b), 0);
        (void) snprintf(option, sizeof(option), "--directory=%s",
                        bench_path(&b, directory, "in/sub"));
        bench_run(&b, SPOOL, option, NULL);
        bench_create(&b, "in/sub/a");
        bench_expect(&b, "backlog", 1);
        bench_rename(&b, "in", "away"); /* the parent, not the directory */
        bench_expect(&b, "backlog", 0);
        bench_rename(&b, "away", "in");
        bench_expect(&b, "backlog", 1);
        bench_stop(&b);
}
END_TEST

static void create_many(const Bench *b, int from, int to) {
        char path[64];
        for (int i = from; i < to; i++) {
                (void) snprintf(path, sizeof(path), "in/incoming-%08d", i);
                bench_create(b, path);
        }
}

START_TEST(ten_thousand_files_at_once_are_counted) {
        Bench b;
        char path[64];

        start_spool(&b, NULL);
        create_many(&b, 0, 10000);
        bench_expect(&b, "backlog", 10000);
        bench_expect(&b, "arrived", 10000);
        for (int i = 0; i < 10000; i++) {
                (void) snprintf(path, sizeof(path), "in/incoming-%08d", i);
                bench_remove(&b, path);
        }
        bench_expect(&b, "backlog", 0);
        ck_assert(bench_value(&b, "arrived") == 10000);
        bench_stop(&b);
}
END_TEST

/* The kernel's queue is filled for real: the program is stopped until there are more events than
 * fs.inotify.max_queued_events. */
START_TEST(after_lost_events_all_is_counted_anew) {
        Bench b;
        unsigned limit = 0;
        int status;

        FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
        ck_assert_ptr_nonnull(f);
        ck_assert_int_eq(fscanf(f, "%u", &limit), 1);
        (void) fclose(f);
        if (limit > 50000) {
                printf("skipped: after_lost_events_all_is_counted_anew, as "
                       "fs.inotify.max_queued_events is %u\n",
                                limit);
                return;
        }

        start_spool(&b, NULL);
        create_many(&b, 0, 5);
        bench_expect(&b, "backlog", 5);
        ck_assert_int_eq(kill(b.program, SIGSTOP), 0);
        ck_assert_int_eq(waitpid(b.program, &status, WUNTRACED), b.program);
        create_many(&b, 5, (int) limit + 1000);
        bench_remove(&b, "in/incoming-00000000");
        ck_assert_int_eq(kill(b.program, SIGCONT), 0);

        bench_expect(&b, "backlog", limit + 999);
        bench_expect(&b, "arrived", limit + 1000);
        ck_assert_uint_eq(bench_count_log(&b, "were lost, counted anew"), 1);
        bench_remove(&b, "in/incoming-00000001");
        bench_expect(&b, "backlog", limit + 998);
        bench_stop(&b);
}
END_TEST

/* Root may read everything. */
static bool become_nobody(void) {
        enum { NOBODY = 65534 };
        char path[4096];

        if (geteuid() == 0) {
                ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
                ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
                (void) prctl(PR_SET_DUMPABLE, 1); /* LeakSanitizer looks at the process */
        }

        const char *build = getenv("BUILDDIR");
        (void) snprintf(path, sizeof(path), "%s/%s", build ? build : ".", SPOOL);
        if (access(path, X_OK) >= 0)
                return true;
        printf("skipped: a directory without permission, as nobody can't run %s\n", path);
        return false;
}

START_TEST(a_directory_without_permission_is_an_error_that_says_so) {
        Bench b;
        char path[4096], option[4200];

        if (!become_nobody())
                return;
        bench_start(&b);
        bench_create(&b, "in/");
        ck_assert_int_eq(chmod(bench_path(&b, path, "in"), 0), 0);
        (void) snprintf(option, sizeof(option), "--directory=%s", path);
        bench_run(&b, SPOOL, option, NULL);
        ck_assert_int_eq(bench_wait_exit(&b), 1);
        ck_assert_uint_eq(bench_count_log(&b, "Permission denied; give its user the right"), 1);
        bench_stop(&b);
}
END_TEST

/* As in the sandbox of a service: the program sees the directory through a bind mount. */
START_TEST(a_directory_deleted_behind_a_bind_mount_ends_the_program) {
        Bench b;
        char directory[4096], mounted[4096], option[4200];

        bench_start(&b);
        bench_create(&b, "real/");
        bench_create(&b, "in/");
        (void) bench_path(&b, mounted, "in");
        if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0
                        || mount(bench_path(&b, directory, "real"), mounted, "none", MS_BIND, NULL)
                                           < 0)
                printf("skipped: a directory behind a bind mount: %s\n", strerror(errno));
        else {
                (void) snprintf(option, sizeof(option), "--directory=%s", mounted);
                bench_run(&b, SPOOL, option, NULL);
                bench_create(&b, "real/a");
                bench_expect(&b, "backlog", 1);
                bench_remove(&b, "real/a");
                bench_remove(&b, "real");
                ck_assert_int_eq(bench_wait_exit(&b), EX_TEMPFAIL);
                ck_assert_uint_eq(bench_count_log(&b, "was deleted behind a bind mount"), 1);
                ck_assert_int_eq(umount(mounted), 0);
        }
        bench_stop(&b);
}
END_TEST

CHECK_MAIN("spool", TEST(a_name_counts_once_and_keeps_its_age),
                TEST(a_full_set_refuses_and_says_that_it_is_incomplete),
                TEST(what_a_scan_does_not_meet_is_gone),
                TEST(a_directory_goes_with_what_is_below_it_and_nothing_else),
                TEST(random_changes_leave_the_right_count_and_the_right_oldest),
                TEST(a_hundred_thousand_names_come_and_go),
                TEST(hidden_ignored_and_not_matching_names_do_not_count),
                TEST(a_file_counts_when_it_is_closed_and_until_it_is_removed),
                TEST(a_file_counts_when_it_is_renamed_into_place),
                TEST(links_and_nameless_files_count_too), TEST(what_is_no_file_does_not_count),
                TEST(a_file_that_is_closed_after_it_was_deleted_does_not_come_back),
                TEST(what_was_there_before_waits_but_did_not_arrive),
                TEST(sub_directories_count_only_when_asked),
                TEST(a_directory_that_is_missing_is_waited_for),
                TEST(a_directory_that_is_replaced_is_followed),
                TEST(a_symlink_and_a_parent_that_change_are_followed),
                TEST(ten_thousand_files_at_once_are_counted),
                TEST(after_lost_events_all_is_counted_anew),
                TEST(a_directory_deleted_behind_a_bind_mount_ends_the_program),
                TEST(a_directory_without_permission_is_an_error_that_says_so))

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "check_main.h"
#include "file_tree.h"
#include "judge.h"
#include "macro.h"
#include "unit-tree.h"

static void add(UnitTree *t, const char *path, mode_t mode, const char *text) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        strbuf_append(&b, text);
        ck_assert_int_eq(unit_tree_add(t, path, mode, &b), 0);
        ck_assert_uint_eq(b.len, 0);
}

/* Writes the tree into a directory, umask as systemd's generators have it. */
static int write_into(const UnitTree *t, const char *directory, const char **ret_path) {
        CLEANUP(closep) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        umask(0022);
        return unit_tree_write(t, fd, ret_path);
}

START_TEST(files_are_written_with_their_modes) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(unit_tree_done) UnitTree t = { 0 };
        CLEANUP(file_tree_done) FileTree found = { 0 };

        add(&t, "a.service", 0644, "text\n");
        add(&t, "a.d/secret", 0600, "secret");
        add(&t, "a.d/another", 0600, "");
        add(&t, "b.target.d/50.conf", 0644, "x");
        ck_assert_int_eq(write_into(&t, top, NULL), 0);
        ck_assert_int_eq(file_tree_read(top, &found), 0);
        ck_assert_uint_eq(found.n, 4);
        for (const UnitFile *f = t.first; f; f = f->next) {
                const TreeFile *x = file_tree_find(&found, f->path);
                ck_assert_ptr_nonnull(x);
                ck_assert_str_eq(x->content, f->content);
                ck_assert_uint_eq(x->mode, f->mode);
        }

        struct stat st;
        CLEANUP(freep) char *closed = path_join(top, "a.d"), *open = path_join(top, "b.target.d");
        ck_assert_int_eq(stat(closed, &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0700);
        ck_assert_int_eq(stat(open, &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0755);
}
END_TEST

START_TEST(nothing_that_exists_is_overwritten_and_the_rest_is_written) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(unit_tree_done) UnitTree before = { 0 }, t = { 0 };
        CLEANUP(file_tree_done) FileTree found = { 0 };
        const char *path = NULL;

        add(&before, "a.service", 0644, "before");
        ck_assert_int_eq(write_into(&before, top, NULL), 0);
        add(&t, "a.service", 0644, "after");
        add(&t, "a.service", 0644, "again");
        add(&t, "b.service", 0644, "after");
        ck_assert_int_eq(write_into(&t, top, &path), -EEXIST);
        ck_assert_str_eq(path, "a.service");
        ck_assert_int_eq(file_tree_read(top, &found), 0);
        ck_assert_str_eq(file_tree_find(&found, "a.service")->content, "before");
        ck_assert_str_eq(file_tree_find(&found, "b.service")->content, "after");
}
END_TEST

START_TEST(links_are_not_followed) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(unit_tree_done) UnitTree t = { 0 };
        CLEANUP(freep) char *out = path_join(top, "out"), *victim = path_join(top, "victim");
        CLEANUP(freep) char *link = path_join(top, "out/a.service");

        ck_assert_int_eq(mkdir(out, 0755), 0);
        ck_assert_int_eq(symlink(victim, link), 0);
        add(&t, "a.service", 0644, "text");
        ck_assert_int_eq(write_into(&t, out, NULL), -EEXIST);
        ck_assert_int_lt(access(victim, F_OK), 0);
}
END_TEST

START_TEST(a_folder_that_is_a_file_is_an_error_of_its_files_only) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(unit_tree_done) UnitTree t = { 0 };
        const char *path = NULL;

        add(&t, "a.d", 0644, "x");
        add(&t, "a.d/file", 0644, "x");
        add(&t, "b.service", 0644, "x");
        ck_assert_int_eq(write_into(&t, top, &path), -ENOTDIR);
        ck_assert_str_eq(path, "a.d/file");
        CLEANUP(freep) char *b = path_join(top, "b.service");
        ck_assert_int_eq(access(b, F_OK), 0);
}
END_TEST

/* A template that is cut has lost its last lines, which are its sandbox; one without its slice has
 * lost its limits. */
START_TEST(a_file_that_does_not_fit_is_not_left_in_parts_nor_is_what_follows) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(unit_tree_done) UnitTree t = { 0 };
        CLEANUP(freep) char *cut = path_join(top, "a.service"), *b = path_join(top, "b.service");
        struct rlimit before, limit;
        const char *path = NULL;

        add(&t, "a.service", 0644, "more than 8 bytes");
        add(&t, "b.service", 0644, "8 bytes\n");
        ck_assert_ptr_ne(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
        ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
        limit = (struct rlimit){ 8, before.rlim_max };
        (void) setrlimit(RLIMIT_FSIZE, &limit);
        int r = write_into(&t, top, &path);
        (void) setrlimit(RLIMIT_FSIZE, &before); /* Check writes files, too */
        ck_assert_int_eq(r, -EFBIG);
        ck_assert_str_eq(path, "a.service");
        ck_assert_int_lt(access(cut, F_OK), 0);
        ck_assert_int_lt(access(b, F_OK), 0);
}
END_TEST

/* systemd makes a slice that has no file, without limits. */
START_TEST(the_limits_of_instances_are_written_before_their_template) {
        static const char text[] = WORKER_HEAD "  compute: small\n";
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(closep) int root = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP(unit_tree_done) UnitTree profile = { 0 };
        CLEANUP(judgment_done) Judgment j;
        bool limited = false;

        judgment_init(&j);
        add(&profile, "small.conf", 0644, "MemoryMax=1G\n");
        ck_assert_int_eq(mkdirat(root, "etc", 0755), 0);
        ck_assert_int_eq(mkdirat(root, "etc/workers", 0755), 0);
        ck_assert_int_eq(mkdirat(root, "etc/workers/compute", 0755), 0);
        CLEANUP(freep) char *directory = path_join(top, "etc/workers/compute");
        ck_assert_int_eq(write_into(&profile, directory, NULL), 0);
        j.generator.host.root_fd = root;
        judge_text(&j, MANIFEST_PATH, text, strlen(text));
        ck_assert_ptr_nonnull(judgment_unit(&j, "worker-demo@.service"));
        for (const UnitFile *f = j.tree.first; f; f = f->next) {
                if (strstr(f->content, "MemoryMax=1G"))
                        limited = true;
                if (STREQ(f->path, "worker-demo@.service"))
                        ck_assert(limited);
        }
}
END_TEST

START_TEST(a_failed_text_is_no_file) {
        CLEANUP(unit_tree_done) UnitTree t = { 0 };
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        strbuf_append_n(&b, "x", SIZE_MAX / 2);
        ck_assert_int_eq(unit_tree_add(&t, "a.service", 0644, &b), -ENOMEM);
        ck_assert_ptr_null(t.first);
}
END_TEST

CHECK_MAIN("unit-tree", TEST(files_are_written_with_their_modes),
                TEST(nothing_that_exists_is_overwritten_and_the_rest_is_written),
                TEST(links_are_not_followed),
                TEST(a_folder_that_is_a_file_is_an_error_of_its_files_only),
                TEST(a_file_that_does_not_fit_is_not_left_in_parts_nor_is_what_follows),
                TEST(the_limits_of_instances_are_written_before_their_template),
                TEST(a_failed_text_is_no_file))

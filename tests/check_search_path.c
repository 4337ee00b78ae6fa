/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "check_main.h"
#include "file_tree.h"
#include "macro.h"
#include "search-path.h"
#include "strbuf.h"

/* --- a root for each test -------------------------------------------------------------------- */

typedef struct Root {
        char *path;
        int fd;
} Root;

static void root_done(Root *r) {
        closep(&r->fd);
        remove_temporary_directoryp(&r->path);
}

static void make_directories(char *path) {
        for (char *p = path + 1; (p = strchr(p, '/')); *p++ = '/') {
                *p = '\0';
                (void) mkdir(path, 0755);
        }
}

static Root root_make(void) {
        Root r = { .path = make_temporary_directory() };
        ck_assert_ptr_nonnull(r.path);
        r.fd = open(r.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(r.fd, 0);
        return r;
}

static char *prepare(const Root *r, const char *path) {
        char *full = path_join(r->path, path);
        make_directories(full);
        return full;
}

static void add_file(const Root *r, const char *path, const char *text) {
        CLEANUP(freep) char *full = prepare(r, path);
        FILE *f = fopen(full, "w");
        ck_assert_ptr_nonnull(f);
        fputs(text, f);
        ck_assert_int_eq(fclose(f), 0);
}

static void add_link(const Root *r, const char *path, const char *target) {
        CLEANUP(freep) char *full = prepare(r, path);
        ck_assert_int_eq(symlink(target, full), 0);
}

/* The paths that were found, separated by blanks. */
static void expect_found(const Root *r, const char *subdirectory, const char *paths) {
        CLEANUP(found_files_done) FoundFiles f = { 0 };
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        ck_assert_int_eq(search_manifests(r->fd, subdirectory, &f), 0);
        for (size_t i = 0; i < f.n; i++) {
                strbuf_printf(&b, "%s%s", i > 0 ? " " : "", f.items[i].path);
                ck_assert_str_eq(strrchr(f.items[i].path, '/') + 1, f.items[i].name);
        }
        ck_assert_str_eq(strbuf_string(&b), paths);
}

/* --- tests -------------------------------------------------------------------------------------
 */

START_TEST(nothing_is_found_where_nothing_is) {
        CLEANUP(root_done) Root r = root_make();
        expect_found(&r, NULL, "");
}
END_TEST

START_TEST(files_are_found_in_byte_order_of_their_names) {
        CLEANUP(root_done) Root r = root_make();

        add_file(&r, "usr/lib/workers/manifests/a.yaml", "x");
        add_file(&r, "etc/workers/b.yaml", "x");
        add_file(&r, "etc/workers/B.yml", "x");
        add_file(&r, "run/workers/manifests/10.yaml", "x");
        add_file(&r, "usr/local/lib/workers/manifests/9.yaml", "x");
        expect_found(&r, NULL,
                        "/run/workers/manifests/10.yaml /usr/local/lib/workers/manifests/9.yaml "
                        "/etc/workers/B.yml /usr/lib/workers/manifests/a.yaml /etc/workers/b.yaml");
}
END_TEST

START_TEST(the_first_directory_that_has_a_name_wins) {
        CLEANUP(root_done) Root r = root_make();

        for (const char *const *d = manifest_directories; *d; d++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                for (const char *const *i = manifest_directories; i <= d; i++) {
                        strbuf_clear(&b);
                        strbuf_printf(&b, "%s/from-%zu.yaml", *d + 1,
                                        (size_t) (i - manifest_directories));
                        add_file(&r, strbuf_string(&b), "x");
                }
        }
        expect_found(&r, NULL,
                        "/etc/workers/from-0.yaml /run/workers/manifests/from-1.yaml "
                        "/usr/local/lib/workers/manifests/from-2.yaml "
                        "/usr/lib/workers/manifests/from-3.yaml");
}
END_TEST

START_TEST(one_name_with_two_suffixes_is_two_names) {
        CLEANUP(root_done) Root r = root_make();

        add_file(&r, "etc/workers/a.yaml", "x");
        add_file(&r, "etc/workers/a.yml", "x");
        expect_found(&r, NULL, "/etc/workers/a.yaml /etc/workers/a.yml");
}
END_TEST

START_TEST(only_manifests_are_found) {
        CLEANUP(root_done) Root r = root_make();
        static const char *const names[] = { ".hidden.yaml", "a.yaml~", "a.yaml.bak", "a.txt",
                "yaml", "a.YAML", "a.json", "stacks/s.yaml" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                CLEANUP(freep) char *path = path_join("etc/workers", names[i]);
                add_file(&r, path, "x");
        }
        expect_found(&r, NULL, "");
        expect_found(&r, "stacks", "/etc/workers/stacks/s.yaml");
}
END_TEST

START_TEST(a_link_to_dev_null_masks) {
        CLEANUP(root_done) Root r = root_make();

        add_file(&r, "usr/lib/workers/manifests/a.yaml", "x");
        add_file(&r, "usr/lib/workers/manifests/b.yaml", "x");
        add_file(&r, "usr/lib/workers/manifests/c.yaml", "x");
        add_file(&r, "usr/lib/workers/manifests/d.yaml", "x");
        add_file(&r, "etc/workers/a.yaml", "");
        add_link(&r, "etc/workers/b.yaml", "/dev/null");
        add_link(&r, "etc/workers/c.yaml", "/dev/nullx");
        add_link(&r, "etc/workers/d.yaml", "../../usr/lib/workers/manifests/d.yaml");
        /* that a.yaml is empty, and so masks, is seen when it is read: see
         * golden/masks-and-precedence */
        expect_found(&r, NULL, "/etc/workers/a.yaml /etc/workers/c.yaml /etc/workers/d.yaml");
}
END_TEST

START_TEST(a_mask_of_lower_precedence_masks_nothing) {
        CLEANUP(root_done) Root r = root_make();

        add_file(&r, "etc/workers/a.yaml", "x");
        add_link(&r, "usr/lib/workers/manifests/a.yaml", "/dev/null");
        expect_found(&r, NULL, "/etc/workers/a.yaml");
}
END_TEST

START_TEST(what_can_not_be_read_is_found_all_the_same) {
        CLEANUP(root_done) Root r = root_make();

        add_link(&r, "etc/workers/dangling.yaml", "/nowhere");
        CLEANUP(freep) char *directory = prepare(&r, "etc/workers/directory.yaml");
        ck_assert_int_eq(mkdir(directory, 0755), 0);
        CLEANUP(freep) char *fifo = prepare(&r, "etc/workers/fifo.yaml");
        ck_assert_int_eq(mkfifo(fifo, 0644), 0);
        expect_found(&r, NULL,
                        "/etc/workers/dangling.yaml /etc/workers/directory.yaml "
                        "/etc/workers/fifo.yaml");
}
END_TEST

START_TEST(a_file_instead_of_a_directory_is_no_directory) {
        CLEANUP(root_done) Root r = root_make();

        add_file(&r, "etc/workers", "x");
        add_file(&r, "usr/lib/workers/manifests/a.yaml", "x");
        expect_found(&r, NULL, "/usr/lib/workers/manifests/a.yaml");
}
END_TEST

START_TEST(paths_are_opened_below_the_root) {
        ck_assert_str_eq(path_below_root("/etc/workers/a.yaml"), "etc/workers/a.yaml");
        ck_assert_str_eq(path_below_root("/"), ".");
}
END_TEST

CHECK_MAIN("search-path", TEST(nothing_is_found_where_nothing_is),
                TEST(files_are_found_in_byte_order_of_their_names),
                TEST(the_first_directory_that_has_a_name_wins),
                TEST(one_name_with_two_suffixes_is_two_names), TEST(only_manifests_are_found),
                TEST(a_link_to_dev_null_masks), TEST(a_mask_of_lower_precedence_masks_nothing),
                TEST(what_can_not_be_read_is_found_all_the_same),
                TEST(a_file_instead_of_a_directory_is_no_directory),
                TEST(paths_are_opened_below_the_root))

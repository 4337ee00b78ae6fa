/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "file_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "io.h"
#include "macro.h"

enum { FILE_MAX = 16 * 1024 * 1024 };

static void fts_closep(FTS **f) {
        if (*f)
                (void) fts_close(*f);
}

static FTS *open_walk(const char *directory) {
        char *paths[] = { (char *) directory, NULL };
        return fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

void file_tree_done(FileTree *t) {
        for (size_t i = 0; i < t->n; i++) {
                free(t->files[i].path);
                free(t->files[i].content);
        }
        free(t->files);
        *t = (FileTree){ 0 };
}

static int compare_paths(const void *a, const void *b) {
        return strcmp(((const TreeFile *) a)->path, ((const TreeFile *) b)->path);
}

static int add_file(FileTree *t, const char *top, const FTSENT *e) {
        TreeFile *files = reallocarray(t->files, t->n + 1, sizeof(TreeFile));
        if (!files)
                return -ENOMEM;

        t->files = files;
        TreeFile *f = &files[t->n++];
        *f = (TreeFile){ .path = strdup(e->fts_path + strlen(top) + 1),
                .mode = e->fts_statp->st_mode & 07777 };
        if (!f->path)
                return -ENOMEM;
        return read_file_at(AT_FDCWD, e->fts_path, FILE_MAX, &f->content, &f->size);
}

int file_tree_read(const char *directory, FileTree *ret) {
        CLEANUP(file_tree_done) FileTree t = { 0 };

        if (access(directory, F_OK) == 0) {
                CLEANUP(fts_closep) FTS *walk = open_walk(directory);
                if (!walk)
                        return -errno;
                for (FTSENT *e; (e = fts_read(walk));) {
                        if (e->fts_info == FTS_D || e->fts_info == FTS_DP)
                                continue;
                        int r = e->fts_info == FTS_F ? add_file(&t, directory, e) : -EUCLEAN;
                        if (r < 0)
                                return r;
                }
        }

        if (t.n > 0)
                qsort(t.files, t.n, sizeof(TreeFile), compare_paths);
        *ret = t;
        t = (FileTree){ 0 };
        return 0;
}

const TreeFile *file_tree_find(const FileTree *t, const char *path) {
        for (size_t i = 0; i < t->n; i++)
                if (STREQ(t->files[i].path, path))
                        return &t->files[i];
        return NULL;
}

char *path_join(const char *a, const char *b) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s", a, b) < 0)
                abort();
        return path;
}

static int copy_file(const char *from, const char *to) {
        CLEANUP(freep) char *content = NULL;
        size_t size = 0;

        int r = read_file_at(AT_FDCWD, from, FILE_MAX, &content, &size);
        if (r < 0)
                return r;
        CLEANUP(closep) int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 || fchmod(fd, 0644) < 0)
                return -errno;
        return write_all(fd, content, size);
}

static int copy_entry(const FTSENT *e, const char *to) {
        char target[PATH_MAX];

        switch (e->fts_info) {
        case FTS_D:
                return mkdir(to, 0755) < 0 && errno != EEXIST ? -errno : 0;
        case FTS_DP:
                return 0;
        case FTS_F:
                return copy_file(e->fts_path, to);
        case FTS_SL:
        case FTS_SLNONE: {
                ssize_t n = readlink(e->fts_path, target, sizeof(target) - 1);
                if (n < 0)
                        return -errno;
                target[n] = '\0';
                return symlink(target, to) < 0 ? -errno : 0;
        }
        default:
                return -EUCLEAN;
        }
}

int copy_tree(const char *from, const char *to) {
        CLEANUP(fts_closep) FTS *walk = open_walk(from);
        if (!walk)
                return -errno;

        for (FTSENT *e; (e = fts_read(walk));) {
                const char *below = e->fts_path + strlen(from);
                CLEANUP(freep) char *path = path_join(to, *below == '/' ? below + 1 : "");
                int r = copy_entry(e, path);
                if (r < 0)
                        return r;
        }
        return 0;
}

void remove_tree(const char *directory) {
        CLEANUP(fts_closep) FTS *walk = open_walk(directory);

        for (FTSENT *e; walk && (e = fts_read(walk));)
                if (e->fts_info != FTS_D)
                        (void) remove(e->fts_path);
}

char *make_temporary_directory(void) {
        char template[] = "tests/check.XXXXXX";
        (void) mkdir("tests", 0755);
        return mkdtemp(template) ? realpath(template, NULL) : NULL;
}

void remove_temporary_directoryp(char **directory) {
        if (*directory)
                remove_tree(*directory);
        free(*directory);
}

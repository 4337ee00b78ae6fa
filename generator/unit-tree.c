/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "io.h"

void unit_tree_done(UnitTree *t) {
        while (t->first) {
                UnitFile *f = t->first;
                t->first = f->next;
                free(f->path);
                free(f->content);
                free(f);
        }
        t->last = NULL;
}

int unit_tree_add(UnitTree *t, const char *path, mode_t mode, StrBuf *b) {
        UnitFile *f = calloc(1, sizeof(UnitFile));
        if (!f)
                return -ENOMEM;

        f->path = strdup(path);
        f->mode = mode;
        f->size = b->len;
        if (!f->path || strbuf_finish(b, &f->content) < 0) {
                free(f->path);
                free(f);
                return -ENOMEM;
        }

        if (t->last)
                t->last->next = f;
        else
                t->first = f;
        t->last = f;
        return 0;
}

/* Makes the folder of path, if it has one. */
static int make_folder(int dir_fd, const UnitFile *f) {
        const char *slash = strchr(f->path, '/');
        if (!slash)
                return 0;

        CLEANUP(freep) char *folder = strndup(f->path, (size_t) (slash - f->path));
        if (!folder)
                return -ENOMEM;

        mode_t mode = f->mode | ((f->mode & 0444) >> 2);
        if (mkdirat(dir_fd, folder, mode) < 0 && errno != EEXIST)
                return -errno;
        return 0;
}

/* All of it or nothing: a unit that is cut, as /run is full, has lost its last lines, which are its
 * sandbox, and would be started all the same. */
static int write_file(int dir_fd, const UnitFile *f) {
        int r = make_folder(dir_fd, f);
        if (r < 0)
                return r;

        CLEANUP(closep)
        int fd = openat(dir_fd, f->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        f->mode);
        if (fd < 0)
                return -errno;

        r = write_all(fd, f->content, f->size);
        if (close(TAKE_FD(fd)) < 0 && r == 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(dir_fd, f->path, 0);
        return r;
}

static bool is_out_of_room(int r) {
        return r == -ENOSPC || r == -EDQUOT || r == -EFBIG;
}

int unit_tree_write(const UnitTree *t, int dir_fd, const char **ret_path) {
        int first = 0, r = 0;

        for (const UnitFile *f = t->first; f && !is_out_of_room(r); f = f->next) {
                r = write_file(dir_fd, f);
                if (r < 0 && first == 0) {
                        first = r;
                        if (ret_path)
                                *ret_path = f->path;
                }
        }
        return first;
}

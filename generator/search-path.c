/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "search-path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "macro.h"
#include "strbuf.h"

const char *const manifest_directories[] = {
        "/etc/workers",
        "/run/workers/manifests",
        "/usr/local/lib/workers/manifests",
        "/usr/lib/workers/manifests",
        NULL,
};

static void closedirp(DIR **d) {
        if (*d)
                (void) closedir(*d);
}

const char *path_below_root(const char *path) {
        return path[1] ? path + 1 : ".";
}

void found_files_done(FoundFiles *f) {
        for (size_t i = 0; i < f->n; i++)
                free(f->items[i].path);
        free(f->items);
        *f = (FoundFiles){ 0 };
}

static DIR *open_directory(int root_fd, const char *path) {
        CLEANUP(closep)
        int fd = openat(root_fd, path_below_root(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return NULL;

        DIR *d = fdopendir(fd);
        if (d)
                (void) TAKE_FD(fd);
        return d;
}

static int add(FoundFiles *f, size_t *allocated, const char *directory, const char *name) {
        if (f->n == FILES_MAX)
                return -E2BIG;
        if (f->n == *allocated) {
                size_t n = *allocated ? *allocated * 2 : 16;
                FoundFile *items = reallocarray(f->items, n, sizeof(FoundFile));
                if (!items)
                        return -ENOMEM;
                f->items = items;
                *allocated = n;
        }

        FoundFile *i = &f->items[f->n];
        if (asprintf(&i->path, "%s/%s", directory, name) < 0)
                return -ENOMEM;
        i->name = i->path + strlen(directory) + 1;
        i->rank = f->n++;
        return 0;
}

static bool is_candidate(const char *name) {
        return name[0] != '.' && (endswith(name, ".yaml") || endswith(name, ".yml"));
}

static int list_directory(int root_fd, const char *directory, FoundFiles *f, size_t *allocated) {
        CLEANUP(closedirp) DIR *d = open_directory(root_fd, directory);
        if (!d)
                return 0;

        for (const struct dirent *e; (e = readdir(d));) {
                int r = is_candidate(e->d_name) ? add(f, allocated, directory, e->d_name) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

static bool is_masked(int root_fd, const char *path) {
        struct stat st;
        char target[sizeof("/dev/null") + 1];

        if (fstatat(root_fd, path_below_root(path), &st, AT_SYMLINK_NOFOLLOW) < 0)
                return false;
        if (S_ISREG(st.st_mode))
                return st.st_size == 0;
        if (!S_ISLNK(st.st_mode))
                return false;
        ssize_t n = readlinkat(root_fd, path_below_root(path), target, sizeof(target));
        return n == (ssize_t) strlen("/dev/null") && startswith(target, "/dev/null");
}

/* By name, and for one name by precedence. */
static int compare_names(const void *a, const void *b) {
        const FoundFile *x = a, *y = b;
        int c = strcmp(x->name, y->name);
        return c != 0 ? c : x->rank < y->rank ? -1 : 1;
}

/* Keeps the first of each name, unless it is masked. */
static void choose(int root_fd, FoundFiles *f) {
        size_t kept = 0;

        for (size_t i = 0, next; i < f->n; i = next) {
                for (next = i + 1; next < f->n && STREQ(f->items[next].name, f->items[i].name);
                                next++)
                        free(f->items[next].path);
                if (is_masked(root_fd, f->items[i].path))
                        free(f->items[i].path);
                else
                        f->items[kept++] = f->items[i];
        }
        f->n = kept;
}

int search_manifests(int root_fd, const char *subdirectory, FoundFiles *ret) {
        CLEANUP(found_files_done) FoundFiles f = { 0 };
        size_t allocated = 0;

        for (const char *const *d = manifest_directories; *d; d++) {
                CLEANUP(strbuf_done) StrBuf path = { 0 };
                strbuf_printf(&path, "%s%s%s", *d, subdirectory ? "/" : "",
                                subdirectory ? subdirectory : "");
                int r = strbuf_error(&path);
                if (r == 0)
                        r = list_directory(root_fd, strbuf_string(&path), &f, &allocated);
                if (r < 0)
                        return r;
        }

        qsort(f.items, f.n, sizeof(FoundFile), compare_names);
        choose(root_fd, &f);
        *ret = f;
        f = (FoundFiles){ 0 };
        return 0;
}

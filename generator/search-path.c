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

static void files_free(FoundFile *items, size_t n) {
        for (size_t i = 0; i < n; i++)
                free(items[i].path);
        free(items);
}

void found_files_done(FoundFiles *f) {
        files_free(f->items, f->n);
        files_free(f->drop_ins, f->n_drop_ins);
        *f = (FoundFiles){ 0 };
}

/* NULL with errno when it can't be opened. */
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

/* Without a name: the directory itself. */
static int add(FoundFile **items, size_t *n, const char *directory, const char *name,
                bool is_file) {
        if (*n == FILES_MAX)
                return -E2BIG;
        if ((*n & (*n - 1)) == 0) { /* grows at powers of two */
                FoundFile *more = reallocarray(*items, *n ? *n * 2 : 1, sizeof(FoundFile));
                if (!more)
                        return -ENOMEM;
                *items = more;
        }

        FoundFile *i = &(*items)[*n];
        if (asprintf(&i->path, "%s%s%s", directory, name ? "/" : "", name ?: "") < 0)
                return -ENOMEM;
        i->name = name ? i->path + strlen(directory) + 1 : i->path;
        i->is_file = is_file;
        i->rank = (*n)++;
        return 0;
}

/* A directory that can't be read stands for what may be in it, and is told where it is read. */
static int add_unreadable(FoundFiles *f, const char *directory) {
        return add(&f->items, &f->n, directory, NULL, false);
}

static bool is_manifest(const char *name) {
        return name[0] != '.' && (endswith(name, ".yaml") || endswith(name, ".yml"));
}

static bool is_drop_in_directory(const char *name) {
        return name[0] != '.' && (endswith(name, ".yaml.d") || endswith(name, ".yml.d"));
}

static int list_directory(int root_fd, const char *directory, FoundFiles *f) {
        CLEANUP(closedirp) DIR *d = open_directory(root_fd, directory);
        if (!d && errno == ENOMEM)
                return -ENOMEM;
        if (!d)
                return errno == ENOENT || errno == ENOTDIR ? 0 : add_unreadable(f, directory);

        for (const struct dirent *e; (errno = 0, e = readdir(d));) {
                int r = 0;
                if (is_manifest(e->d_name))
                        r = add(&f->items, &f->n, directory, e->d_name, e->d_type == DT_REG);
                else if (is_drop_in_directory(e->d_name))
                        r = add(&f->drop_ins, &f->n_drop_ins, directory, e->d_name, false);
                if (r < 0)
                        return r;
        }
        return errno == 0 ? 0 : add_unreadable(f, directory);
}

/* A symbolic link to /dev/null. */
static bool is_masked(int root_fd, const FoundFile *f) {
        char target[sizeof("/dev/null") + 1];

        if (f->is_file)
                return false;
        ssize_t n = readlinkat(root_fd, path_below_root(f->path), target, sizeof(target));
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
                if (is_masked(root_fd, &f->items[i]))
                        free(f->items[i].path);
                else
                        f->items[kept++] = f->items[i];
        }
        f->n = kept;
}

static void sort_files(FoundFile *items, size_t n) {
        if (n > 0)
                qsort(items, n, sizeof(FoundFile), compare_names);
}

int search_manifests(int root_fd, const char *subdirectory, FoundFiles *ret) {
        CLEANUP(found_files_done) FoundFiles f = { 0 };

        for (const char *const *d = manifest_directories; *d; d++) {
                CLEANUP(strbuf_done) StrBuf path = { 0 };
                strbuf_printf(&path, "%s%s%s", *d, subdirectory ? "/" : "",
                                subdirectory ? subdirectory : "");
                int r = strbuf_error(&path);
                if (r == 0)
                        r = list_directory(root_fd, strbuf_string(&path), &f);
                if (r < 0)
                        return r;
        }

        sort_files(f.items, f.n);
        sort_files(f.drop_ins, f.n_drop_ins);
        choose(root_fd, &f);
        *ret = f;
        f = (FoundFiles){ 0 };
        return 0;
}

/* The first of the directories that is called NAME.d; they are sorted by name. */
static size_t find_drop_ins(const FoundFiles *f, const char *name) {
        size_t low = 0, high = f->n_drop_ins, n = strlen(name);

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const char *s = f->drop_ins[middle].name;
                int c = strncmp(s, name, n);
                if (c < 0 || (c == 0 && strcmp(s + n, ".d") < 0))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

int search_drop_ins(int root_fd, const FoundFiles *manifests, const char *name, FoundFiles *ret) {
        CLEANUP(found_files_done) FoundFiles f = { 0 };
        size_t n = strlen(name);

        for (size_t i = find_drop_ins(manifests, name); i < manifests->n_drop_ins; i++) {
                const FoundFile *d = &manifests->drop_ins[i];
                if (strncmp(d->name, name, n) != 0 || !STREQ(d->name + n, ".d"))
                        break;
                int r = list_directory(root_fd, d->path, &f);
                if (r < 0)
                        return r;
        }

        sort_files(f.items, f.n);
        choose(root_fd, &f);
        *ret = f;
        f = (FoundFiles){ 0 };
        return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host.h"

#include <errno.h>
#include <sys/stat.h>

#include "io.h"
#include "search-path.h"

enum { HOST_FILE_MAX = 64 * 1024 };

static bool stat_path(const Host *h, const char *path, struct stat *st) {
        return h->root_fd >= 0 && fstatat(h->root_fd, path_below_root(path), st, 0) == 0;
}

bool host_has(const Host *h, const char *path) {
        struct stat st;
        return stat_path(h, path, &st);
}

bool host_has_directory(const Host *h, const char *path) {
        struct stat st;
        return stat_path(h, path, &st) && S_ISDIR(st.st_mode);
}

int host_read(const Host *h, const char *path, char **ret) {
        if (h->root_fd < 0)
                return -ENOENT;
        return read_file_at(h->root_fd, path_below_root(path), HOST_FILE_MAX, ret, NULL);
}

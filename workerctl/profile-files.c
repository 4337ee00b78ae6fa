/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "profile-files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "io.h"
#include "proposal.h"

#define KEPT_DIRECTORY "/run/workers/profiles" /* not for workers to read */
#define UNITS          "/etc/systemd/system"

enum { PROFILE_LIMIT = 1024 * 1024 };

static void drop_in_directory(const char *id, StrBuf *b) {
        strbuf_append_all(b, UNITS "/worker-", id, "@.service.d", NULL);
}

void profile_path(const char *id, StrBuf *ret) {
        drop_in_directory(id, ret);
        strbuf_append(ret, "/" PROFILE_DROP_IN);
}

static int make_directory(const char *path, mode_t mode) {
        CLEANUP(freep) char *parent = strdup(path);
        char *slash = parent ? strrchr(parent, '/') : NULL;

        if (!parent)
                return -ENOMEM;
        if (mkdir(path, mode) >= 0 || errno == EEXIST)
                return 0;
        if (errno != ENOENT || !slash || slash == parent)
                return -errno;
        *slash = '\0';
        int r = make_directory(parent, 0755);
        if (r < 0)
                return r;
        return mkdir(path, mode) < 0 && errno != EEXIST ? -errno : 0;
}

static int write_file(const char *directory, mode_t directory_mode, const char *path,
                const char *text, mode_t mode) {
        int r = make_directory(directory, directory_mode);
        return r < 0 ? r : replace_file(path, text, strlen(text), mode, true);
}

static int kept_path(const char *id, StrBuf *b) {
        strbuf_append_all(b, KEPT_DIRECTORY "/", id, ".conf", NULL);
        return strbuf_error(b);
}

int profile_keep(const char *id, const char *text) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };
        int r = kept_path(id, &path);
        return r < 0 ? r : write_file(KEPT_DIRECTORY, 0700, strbuf_string(&path), text, 0600);
}

int profile_read_kept(const char *id, char **ret) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };
        int r = kept_path(id, &path);
        return r < 0 ? r : read_file_at(AT_FDCWD, strbuf_string(&path), PROFILE_LIMIT, ret, NULL);
}

int profile_install(const char *id, const char *text) {
        CLEANUP(strbuf_done) StrBuf path = { 0 }, directory = { 0 };

        profile_path(id, &path);
        drop_in_directory(id, &directory);
        if (strbuf_error(&path) < 0 || strbuf_error(&directory) < 0)
                return -ENOMEM;
        return write_file(strbuf_string(&directory), 0755, strbuf_string(&path), text, 0644);
}

int profile_remove(const char *id) {
        CLEANUP(strbuf_done) StrBuf path = { 0 }, directory = { 0 };

        profile_path(id, &path);
        drop_in_directory(id, &directory);
        if (strbuf_error(&path) < 0 || strbuf_error(&directory) < 0)
                return -ENOMEM;
        if (unlink(strbuf_string(&path)) < 0)
                return -errno;
        (void) rmdir(strbuf_string(&directory)); /* unless there are others */
        return 0;
}

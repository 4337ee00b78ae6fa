/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "macro.h"

enum { READ_FIRST_SIZE = 4096 };

int read_fd(int fd, size_t limit, char **ret, size_t *ret_size) {
        CLEANUP(freep) char *data = NULL;
        size_t size = 0, allocated = 0;

        for (;;) {
                if (allocated - size < 2) {
                        allocated = allocated ? allocated * 2 : READ_FIRST_SIZE;
                        char *more = realloc(data, allocated);
                        if (!more)
                                return -ENOMEM;
                        data = more;
                }

                ssize_t n = read(fd, data + size, allocated - size - 1);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t) n;
                if (size > limit)
                        return -EFBIG;
        }

        data[size] = '\0';
        *ret = TAKE_PTR(data);
        if (ret_size)
                *ret_size = size;
        return 0;
}

int open_regular_at(int dir_fd, const char *path, struct stat *ret_stat) {
        /* O_NONBLOCK: opening a FIFO that nobody writes must not hang */
        CLEANUP(closep) int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;

        struct stat st;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (S_ISFIFO(st.st_mode))
                return -EBADFD;
        if (!S_ISREG(st.st_mode))
                return -ENODEV;
        if (ret_stat)
                *ret_stat = st;
        return TAKE_FD(fd);
}

int read_file_at(int dir_fd, const char *path, size_t limit, char **ret, size_t *ret_size) {
        CLEANUP(closep) int fd = open_regular_at(dir_fd, path, NULL);
        return fd < 0 ? fd : read_fd(fd, limit, ret, ret_size);
}

int write_all(int fd, const char *data, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, data, size);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t) n;
        }
        return 0;
}

int replace_file(const char *path, const char *data, size_t size, mode_t mode, bool durable) {
        char temporary[PATH_MAX];

        if (snprintf(temporary, sizeof(temporary), "%s.tmp", path) >= (int) sizeof(temporary))
                return -ENAMETOOLONG;

        (void) unlink(temporary); /* left by one that was killed */
        CLEANUP(closep)
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        int r = write_all(fd, data, size);
        if (r >= 0 && fchmod(fd, mode) < 0)
                r = -errno;
        if (r >= 0 && durable && fsync(fd) < 0)
                r = -errno;
        if (r >= 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(temporary);
        return r;
}

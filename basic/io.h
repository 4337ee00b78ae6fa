/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Whole files in and out. All return 0 or negative errno. */

/* Reads what is left in fd, up to limit bytes, into a NUL-terminated buffer that the caller frees.
 * -EFBIG when there is more; *ret and *ret_size (may be NULL) are written on success only. */
int read_fd(int fd, size_t limit, char **ret, size_t *ret_size);

/* Opens a regular file below the directory dir_fd (AT_FDCWD for the working directory) for reading.
 * Returns a descriptor, or negative errno: -EISDIR, -EBADFD (a FIFO), -ENODEV (another special
 * file). Never blocks. *ret_stat (may be NULL) is written on success only. */
int open_regular_at(int dir_fd, const char *path, struct stat *ret_stat);

/* Both in one. */
int read_file_at(int dir_fd, const char *path, size_t limit, char **ret, size_t *ret_size);

/* Writes all of it, over as many write(2) as it takes. */
int write_all(int fd, const char *data, size_t size);

/* Puts a file with these contents in place of the one at path, at once or not at all, by way of
 * PATH.tmp. durable: and returns when the contents are on the disk. */
int replace_file(const char *path, const char *data, size_t size, mode_t mode, bool durable);

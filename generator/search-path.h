/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"

/* Configuration directories as systemd has them: the first directory that has a name wins, a
 * symlink to /dev/null or an empty file masks it. */

enum { FILES_MAX = 50000 }; /* of one kind; beyond that something fills the directory by mistake */

typedef struct FoundFile {
        char *path;       /* owned; absolute, as seen from the root */
        const char *name; /* its last part; the path where it is a directory that can't be read */
        size_t rank;      /* in order of precedence */
        bool is_file;     /* certainly a regular one: no link that masks */
} FoundFile;

typedef struct FoundFiles {
        FoundFile *items; /* owned; in byte order of the names */
        size_t n;
        FoundFile *drop_ins; /* owned; directories NAME.yaml.d, by name and precedence */
        size_t n_drop_ins;
} FoundFiles;

void found_files_done(FoundFiles *f);

/* Lists NAME.yaml and NAME.yml of all manifest directories below root_fd, or of their sub-directory
 * when that is not NULL. Masked names are left out, but for empty files, which only reading
 * tells. A directory that is there and can't be read is an item itself, so that reading tells why.
 * Returns 0, -ENOMEM, or -E2BIG when there are more than FILES_MAX. */
int search_manifests(int root_fd, const char *subdirectory, FoundFiles *ret);

/* Lists the files of all directories called NAME.d that were found with the manifests, as systemd
 * does with drop-ins: the first directory that has a name wins, masked names are left out. Returns
 * 0, -ENOMEM or -E2BIG. */
int search_drop_ins(int root_fd, const FoundFiles *manifests, const char *name, FoundFiles *ret);

/* Opens path, absolute as seen from the root, relative to root_fd. */
const char *path_below_root(const char *path);

/* The manifest directories in order of precedence, NULL-terminated, absolute. */
extern const char *const manifest_directories[];

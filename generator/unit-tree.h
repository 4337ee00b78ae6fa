/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "strbuf.h"

/* The files that a manifest becomes, in memory, so that making them and writing them are apart. */

typedef struct UnitFile UnitFile;

struct UnitFile {
        char *path;    /* below the generator's directory, with at most one folder */
        mode_t mode;   /* a folder gets the same with search permission added */
        char *content; /* owned */
        size_t size;
        UnitFile *next;
};

typedef struct UnitTree {
        UnitFile *first, *last;
} UnitTree;

void unit_tree_done(UnitTree *t);

/* Adds a file and takes the content out of b, which is empty afterwards. Returns 0 or -ENOMEM. */
int unit_tree_add(UnitTree *t, const char *path, mode_t mode, StrBuf *b);

/* Writes all of it below dir_fd: each file created exclusively, each folder made when missing. What
 * can't be written whole is not left behind; goes on after an error, unless there is no room left:
 * later files may build on the one that is missing. Returns 0 or the first negative errno;
 * *ret_path (may be NULL) then names the file, and belongs to the tree. */
int unit_tree_write(const UnitTree *t, int dir_fd, const char **ret_path);

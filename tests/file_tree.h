/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Directory trees of tests: read, compared, copied and removed as a whole. All paths belong to the
 * tree that holds them. */

typedef struct TreeFile {
        char *path; /* owned; below the tree's top */
        char *content;
        size_t size;
        mode_t mode;
} TreeFile;

typedef struct FileTree {
        TreeFile *files; /* owned; in byte order of the paths, folders left out */
        size_t n;
} FileTree;

void file_tree_done(FileTree *t);

/* Reads all regular files below directory; a directory that does not exist is empty.
 * Returns 0 or negative errno; -EUCLEAN when there is anything but files and folders. */
int file_tree_read(const char *directory, FileTree *ret);

const TreeFile *file_tree_find(const FileTree *t, const char *path);

/* Copies a directory's files (0644), folders (0755) and symbolic links into an existing directory.
 * Returns 0 or negative errno. */
int copy_tree(const char *from, const char *to);

/* "a/b"; the caller frees it. Aborts when memory is exhausted. */
char *path_join(const char *a, const char *b);

/* Removes it with all that is in it. */
void remove_tree(const char *directory);

/* Makes a fresh directory below the working directory's "tests", and removes it again. */
char *make_temporary_directory(void);
void remove_temporary_directoryp(char **directory);

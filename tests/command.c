/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#include "io.h"

enum { OUTPUT_SIZE_MAX = 1024 * 1024 };

const char *source_directory(void) {
        return getenv("SRCDIR") ?: ".";
}

const char *build_directory(void) {
        return getenv("BUILDDIR") ?: ".";
}

int run_command(const char *command, StrBuf *output) {
        CLEANUP(freep) char *text = NULL;
        FILE *f = popen(command, "re");

        ck_assert_msg(f, "%s: %s", command, strerror(errno));
        ck_assert_int_eq(read_fd(fileno(f), OUTPUT_SIZE_MAX, &text, NULL), 0);
        strbuf_append(output, text);
        int status = pclose(f);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void write_new_file(const char *path, const StrBuf *text) {
        CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
        ck_assert_int_eq(write_all(fd, text->data, text->len), 0);
}

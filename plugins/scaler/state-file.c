/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "state-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "io.h"
#include "log.h"

enum { PATH_SIZE = 4096 };

/* NULL where nothing can be kept. */
static const char *state_path(char *buffer) {
        const char *directory = getenv("RUNTIME_DIRECTORY");
        if (!directory || !*directory || strlen(directory) > PATH_SIZE - sizeof("/state"))
                return NULL;
        (void) snprintf(buffer, PATH_SIZE, "%s/state", directory);
        return buffer;
}

void state_file_read(SavedState *ret) {
        CLEANUP(freep) char *text = NULL;
        char buffer[PATH_SIZE];
        const char *path = state_path(buffer);

        *ret = (SavedState){ 0 };
        if (!path)
                return;
        int r = read_file_at(AT_FDCWD, path, SAVED_STATE_MAX, &text, NULL);
        if (r == -ENOENT)
                return;
        if (r >= 0)
                r = saved_state_parse(text, ret);
        if (r == -EBADMSG)
                log_warning("'%s' is damaged, ignoring it: what was learned and ordered is lost",
                                path);
        else if (r == -EPROTONOSUPPORT)
                log_notice("'%s' is of another version, ignoring it: what was learned and ordered "
                           "is lost",
                                path);
        else if (r < 0)
                log_warning("'%s' can't be read, ignoring it: %s", path, strerror(-r));
}

/* On the disk or not: a machine that loses its power loses /run as well. */
int file_replace(const char *path, const StrBuf *text, unsigned mode) {
        int r = strbuf_error(text);
        return r < 0 ? r : replace_file(path, strbuf_string(text), text->len, mode, false);
}

int state_file_write(const StrBuf *text) {
        char buffer[PATH_SIZE];
        const char *path = state_path(buffer);
        return path ? file_replace(path, text, 0600) : 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "source.h"

#include <errno.h>

#include "io.h"
#include "text.h"

void source_done(Source *s) {
        free(s->path);
        free(s->text);
        *s = (Source){ 0 };
}

int source_read(Source *s, int dir_fd, const char *path, const char *name) {
        CLEANUP(source_done) Source read = { .path = strdup(name) };
        if (!read.path)
                return -ENOMEM;

        struct stat st;
        CLEANUP(closep) int fd = open_regular_at(dir_fd, path, &st);
        if (fd < 0)
                return fd;
        read.public = st.st_mode & S_IROTH;

        int r = read_fd(fd, SOURCE_SIZE_MAX, &read.text, &read.size);
        if (r < 0)
                return r;

        *s = read;
        read = (Source){ 0 };
        return 0;
}

int source_from_text(Source *s, const char *name, const char *text, size_t size) {
        CLEANUP(source_done) Source copy = { .path = strdup(name), .text = malloc(size + 1) };
        if (!copy.path || !copy.text)
                return -ENOMEM;

        memcpy(copy.text, text, size);
        copy.text[size] = '\0';
        copy.size = size;

        *s = copy;
        copy = (Source){ 0 };
        return 0;
}

/* Bytes of the line break at p, 0 when there is none. Lines are counted as libyaml counts them, or
 * the lines shown would not be those meant: CR, LF, CR LF, NEL, LS, PS. */
static size_t line_break_length(const char *p, const char *end) {
        size_t left = (size_t) (end - p);

        if (*p == '\n')
                return 1;
        if (*p == '\r')
                return left > 1 && p[1] == '\n' ? 2 : 1;
        if (left > 1 && memcmp(p, "\xc2\x85", 2) == 0)
                return 2;
        if (left > 2 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0))
                return 3;
        return 0;
}

const char *source_line(const Source *s, unsigned n, size_t *ret_size) {
        const char *p = s->text, *end = s->text + s->size;

        for (unsigned i = 1; i < n; i++) {
                while (p < end && line_break_length(p, end) == 0)
                        p++;
                if (p == end)
                        return NULL;
                p += line_break_length(p, end);
        }

        const char *eol = p;
        while (eol < end && line_break_length(eol, end) == 0)
                eol++;
        *ret_size = (size_t) (eol - p);
        return p;
}

Mark source_mark(const Source *s, size_t offset) {
        Mark mark = { .line = 1, .column = 1, .length = 1 };
        const char *p = s->text, *end = s->text + s->size;
        const char *at = s->text + (offset < s->size ? offset : s->size);

        while (p < at) {
                size_t n = line_break_length(p, end);
                if (n > 0) {
                        mark.line++;
                        mark.column = 1;
                } else {
                        n = utf8_length(p, (size_t) (end - p));
                        mark.column++;
                }
                p += n;
        }
        return mark;
}

const char *source_at(const Source *s, Mark mark) {
        size_t size;
        const char *p = mark.line > 0 ? source_line(s, mark.line, &size) : NULL;
        if (!p)
                return NULL;

        for (unsigned i = 1; i < mark.column && size > 0; i++) {
                size_t n = utf8_length(p, size);
                p += n;
                size -= n;
        }
        return size > 0 ? p : NULL;
}

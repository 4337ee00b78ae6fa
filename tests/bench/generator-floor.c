/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <yaml.h>

#include "io.h"
#include "macro.h"

/* What no generator of this kind can go below: reads each file of a directory, runs libyaml's
 * parser over it and writes as many files of the same sizes as worker-generator makes of it.
 *
 *     generator-floor INPUT-DIR OUTPUT-DIR SIZE...      (sizes of the files made of one input) */

static void parse(const char *text, size_t size) {
        yaml_parser_t parser;
        yaml_event_t event;
        bool end = false;

        if (!yaml_parser_initialize(&parser))
                abort();
        yaml_parser_set_input_string(&parser, (const unsigned char *) text, size);
        while (!end) {
                if (!yaml_parser_parse(&parser, &event))
                        abort();
                end = event.type == YAML_STREAM_END_EVENT;
                yaml_event_delete(&event);
        }
        yaml_parser_delete(&parser);
}

static void write_file(int fd, const char *name, unsigned n, const char *content, size_t size) {
        char path[512];

        (void) snprintf(path, sizeof(path), "%s.%u", name, n);
        int out = openat(fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (out < 0 || write_all(out, content, size) < 0)
                abort();
        (void) close(out);
}

int main(int argc, char **argv) {
        static char content[65536];

        if (argc < 4)
                return EXIT_FAILURE;
        memset(content, 'x', sizeof(content));
        int in = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int out = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = in >= 0 ? fdopendir(in) : NULL;
        if (!d || out < 0)
                return EXIT_FAILURE;

        for (const struct dirent *e; (e = readdir(d));) {
                char *text;
                size_t size;
                if (e->d_name[0] == '.'
                                || read_file_at(dirfd(d), e->d_name, 1 << 20, &text, &size) < 0)
                        continue;
                parse(text, size);
                free(text);
                for (int i = 3; i < argc; i++)
                        write_file(out, e->d_name, (unsigned) i, content, (size_t) atoi(argv[i]));
        }
        (void) closedir(d);
        return EXIT_SUCCESS;
}

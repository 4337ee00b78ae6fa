/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>

#include "check_main.h"
#include "file_tree.h"
#include "io.h"
#include "strbuf.h"

/* Published manifests, where the directory $SHARED has them: the verdict of each, and the codes of
 * its problems, are those of corpus/expected.tsv, as "worker-generator --verify --json" says. */

enum { OUTPUT_MAX = 1024 * 1024 };

/* Problems that have another name, a more general one, here. */
static const struct {
        const char *expected, *here;
} renamed[] = {
        { "E-DRYRUN", "E-VALUE" },  /* dryRun: true/false */
        { "E-VOLUMES", "E-VALUE" }, /* readOnly: true/false */
};

static const char *name_here(const char *code) {
        for (size_t i = 0; i < ARRAY_SIZE(renamed); i++)
                if (STREQ(renamed[i].expected, code))
                        return renamed[i].here;
        return code;
}

/* What a linter prints about a file; its exit code. */
static int verify(const char *path, const char *output, char **ret) {
        CLEANUP(freep) char *command = NULL;

        ck_assert_int_ge(asprintf(&command,
                                         "'%s/generator/worker-generator' --verify --json '%s' "
                                         ">'%s'",
                                         getenv("BUILDDIR"), path, output),
                        0);
        int status = system(command); /* NOLINT(cert-env33-c): a path of our own */
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(read_file_at(AT_FDCWD, output, OUTPUT_MAX, ret, NULL), 0);
        return WEXITSTATUS(status);
}

static bool has_code(const char *json, const char *code) {
        CLEANUP(freep) char *member = NULL;
        ck_assert_int_ge(asprintf(&member, "\"code\":\"%s\"", code), 0);
        return strstr(json, member);
}

/* One line: CLASS FILE VERDICT CODES PARSE, separated by tabs. Appends what differs. */
static void check_line(char *line, const char *directory, const char *output, StrBuf *different) {
        char *fields[5] = { NULL };
        size_t n = 0;

        for (char *save = NULL, *f = strtok_r(line, "\t", &save); f && n < ARRAY_SIZE(fields);
                        f = strtok_r(NULL, "\t", &save))
                fields[n++] = f;
        ck_assert_uint_ge(n, 4);

        CLEANUP(freep) char *folder = path_join(directory, fields[0]);
        CLEANUP(freep) char *path = path_join(folder, fields[1]), *json = NULL;
        int status = verify(path, output, &json);
        bool accepted = STREQ(fields[2], "accept");
        if (status != (accepted ? 0 : 1))
                strbuf_printf(different, "%s: exit code %d, expected %s:\n%s", fields[1], status,
                                fields[2], json);
        for (char *save = NULL, *c = strtok_r(fields[3], ",", &save); c;
                        c = strtok_r(NULL, ",", &save))
                if (!STREQ(c, "-") && !has_code(json, name_here(c)))
                        strbuf_printf(different, "%s: no %s\n", fields[1], c);
}

START_TEST(published_manifests_are_judged_as_expected) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(freep) char *directory = path_join(getenv("SHARED"), "corpus");
        CLEANUP(freep) char *list = path_join(directory, "expected.tsv"), *text = NULL;
        CLEANUP(freep) char *output = path_join(top, "output");
        CLEANUP(strbuf_done) StrBuf different = { 0 };
        unsigned n = 0;

        if (read_file_at(AT_FDCWD, list, OUTPUT_MAX, &text, NULL) < 0) {
                printf("not checked: there is no %s\n", list);
                return;
        }
        char *save = NULL;
        (void) strtok_r(text, "\n", &save); /* the head line */
        for (char *line; (line = strtok_r(NULL, "\n", &save)); n++)
                check_line(line, directory, output, &different);
        ck_assert_uint_gt(n, 0);
        ck_assert_msg(different.len == 0, "%.3500s", strbuf_string(&different));
}
END_TEST

CHECK_MAIN("corpus", TEST(published_manifests_are_judged_as_expected))

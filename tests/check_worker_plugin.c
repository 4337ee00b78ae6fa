/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "io.h"
#include "plugin_bench.h"
#include "strbuf.h"

/* worker-plugin(7): what it says of options is what the plugins know, and its examples work. */

enum { PAGE_MAX = 1 << 20, HELP_MAX = 65536 };

static char *read_page(void) {
        const char *source = getenv("SRCDIR");
        char *page, path[4096];

        (void) snprintf(path, sizeof(path), "%s/man/worker-plugin.7", source ? source : ".");
        ck_assert_int_eq(read_file_at(AT_FDCWD, path, PAGE_MAX, &page, NULL), 0);
        return page;
}

/* Appends a line of roff as it is shown, without fonts. */
static void append_shown(StrBuf *b, const char *s, size_t n) {
        static const struct {
                const char *escape, *shown;
        } escapes[] = { { "\\-", "-" }, { "\\e", "\\" }, { "\\(aq", "'" }, { "\\(dq", "\"" },
                { "\\fB", "" }, { "\\fI", "" }, { "\\fR", "" }, { "\\&", "" } };

        for (const char *end = s + n; s < end;) {
                size_t i = 0;
                while (i < ARRAY_SIZE(escapes) && !startswith(s, escapes[i].escape))
                        i++;
                ck_assert_msg(*s != '\\' || i < ARRAY_SIZE(escapes), "unknown: %.10s", s);
                if (i < ARRAY_SIZE(escapes)) {
                        strbuf_append(b, escapes[i].shown);
                        s += strlen(escapes[i].escape);
                } else
                        strbuf_append_char(b, *s++);
        }
        strbuf_append_char(b, '\n');
}

/* --- options --- */

/* The "--KEY=VALUE" of the options that the program's --help shows, one a line. */
static void options_of_program(const char *program, StrBuf *ret) {
        CLEANUP(freep) char *help = NULL;
        const char *build = getenv("BUILDDIR");
        char command[4096];

        (void) snprintf(command, sizeof(command), "'%s/plugins/backlog/%s' --help",
                        build ? build : ".", program);
        FILE *f = popen(command, "re");
        ck_assert_ptr_nonnull(f);
        ck_assert_int_eq(read_fd(fileno(f), HELP_MAX, &help, NULL), 0);
        ck_assert_int_eq(pclose(f), 0);

        for (const char *s = help; (s = strstr(s, "\n  --")); s++) {
                size_t n = strcspn(s + 3, " ");
                if (strcspn(s + 3, "=") >= n) /* --help, --version */
                        continue;
                strbuf_append_n(ret, s + 3, n);
                strbuf_append_char(ret, '\n');
        }
}

/* The same of the section ".SS program" of the page: the tags of its paragraphs. */
static void options_of_page(const char *page, const char *program, StrBuf *ret) {
        char heading[64];
        (void) snprintf(heading, sizeof(heading), "\n.SS %s\n", program);

        const char *s = strstr(page, heading);
        ck_assert_msg(s, "%s is not documented", program);
        for (s = strchr(s + 1, '\n') + 1; *s && !startswith(s, ".SS ") && !startswith(s, ".SH ");) {
                size_t n = strcspn(s, "\n");
                if (startswith(s, "\\fB\\-\\-"))
                        append_shown(ret, s, n);
                s += n + 1;
        }
}

START_TEST(every_option_is_documented_and_no_other) {
        static const char *const programs[] = { PLUGINS };
        CLEANUP(freep) char *page = read_page();

        for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
                CLEANUP(strbuf_done) StrBuf known = { 0 }, documented = { 0 };
                options_of_program(programs[i], &known);
                options_of_page(page, programs[i], &documented);
                ck_assert_uint_gt(known.len, 0);
                ck_assert_str_eq(strbuf_string(&documented), strbuf_string(&known));
        }
}
END_TEST

/* --- examples --- */

/* Writes the example to a file below the directory of the bench. */
static void extract_example(const Bench *b, const char *name) {
        CLEANUP(freep) char *page = read_page();
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        char mark[64], path[4096];

        (void) snprintf(mark, sizeof(mark), ".\\\" check: example %s\n.EX\n", name);
        const char *s = strstr(page, mark);
        ck_assert_msg(s, "no example %s", name);
        for (s += strlen(mark); !startswith(s, ".EE\n"); s += strcspn(s, "\n") + 1) {
                ck_assert(*s != '\0' && *s != '.');
                append_shown(&text, s, strcspn(s, "\n"));
        }

        int fd = open(bench_path(b, path, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write_all(fd, strbuf_string(&text), text.len), 0);
        ck_assert_int_eq(close(fd), 0);
}

/* Runs a command of the shell in the directory of the bench. */
static bool shell(const Bench *b, const char *command) {
        char text[8192];
        (void) snprintf(text, sizeof(text), "cd %s && { %s; } >>log 2>&1", b->directory, command);
        return system(text) == 0;
}

static bool has_program(const Bench *b, const char *program) {
        char command[128];

        (void) snprintf(command, sizeof(command), "command -v %s", program);
        if (shell(b, command))
                return true;
        printf("skipped: an example of worker-plugin(7), as there is no %s\n", program);
        return false;
}

static void kill_example(Bench *b) {
        ck_assert_int_eq(kill(b->program, SIGKILL), 0);
        ck_assert_int_eq(waitpid(b->program, NULL, 0), b->program);
        b->program = 0;
}

START_TEST(the_python_example_reports) {
        Bench b;
        char path[4096], database[4096], option[4200];

        bench_start(&b);
        if (has_program(&b, "python3")) {
                extract_example(&b, "jobs");
                ck_assert(shell(&b, "python3 -c 'import sqlite3, time; db = "
                                    "sqlite3.connect(\"jobs.db\"); "
                                    "db.execute(\"CREATE TABLE jobs (added)\"); "
                                    "db.executemany(\"INSERT INTO jobs VALUES (?)\", "
                                    "[(time.time() - 100,), (time.time(),)]); db.commit()'"));
                (void) snprintf(option, sizeof(option), "--database=%s",
                                bench_path(&b, database, "jobs.db"));
                bench_run(&b, "python3", bench_path(&b, path, "jobs"), option, "--interval=0.1",
                                NULL);
                bench_expect(&b, "backlog", 2);
                ck_assert(bench_value(&b, "oldest") >= 100);
                ck_assert(shell(&b,
                                "python3 -c 'import sqlite3; db = sqlite3.connect(\"jobs.db\"); "
                                "db.execute(\"DELETE FROM jobs\"); db.commit()'"));
                bench_expect(&b, "backlog", 0);
                bench_expect(&b, "oldest", 0);
                kill_example(&b);
        }
        bench_stop(&b);
}
END_TEST

START_TEST(the_shell_example_reports) {
        Bench b;
        char path[4096], file[4096], option[4200];

        bench_start(&b);
        if (has_program(&b, "socat")) {
                extract_example(&b, "lines");
                ck_assert(shell(&b, "printf 'a\\nb\\nc\\n' >list"));
                (void) snprintf(option, sizeof(option), "--file=%s", bench_path(&b, file, "list"));
                bench_run(&b, "sh", bench_path(&b, path, "lines"), option, NULL);
                bench_expect(&b, "backlog", 3);
                ck_assert(shell(&b, "echo d >>list"));
                bench_expect(&b, "backlog", 4);
                kill_example(&b);

                bench_run(&b, "sh", path, "--fle=x", NULL);
                ck_assert_int_eq(bench_wait_exit(&b), 64);
                ck_assert_uint_eq(bench_count_log(&b, "unknown option '--fle=x'"), 1);
        }
        bench_stop(&b);
}
END_TEST

CHECK_MAIN("worker-plugin", TEST(every_option_is_documented_and_no_other),
                TEST(the_python_example_reports), TEST(the_shell_example_reports))

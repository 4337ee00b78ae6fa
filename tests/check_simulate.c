/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/stat.h>

#include "check_main.h"
#include "command.h"
#include "file_tree.h"

/* Whose policy "workerctl simulate" plays: the real program, its arguments, what it prints. */

#define MANIFEST                                                                                   \
        "name: mail\n"                                                                             \
        "version: v1beta\n"                                                                        \
        "type: worker\n"                                                                           \
        "worker:\n"                                                                                \
        "  stack: exec\n"                                                                          \
        "  stackSpec: {command: [/bin/true]}\n"                                                    \
        "  autoScaling: {minReplicas: 2, maxReplicas: 7, targetWait: 30s, targetThroughput: 9}\n"

#define TARGET                                                                                     \
        "[Unit]\nDescription=Mail\n[X-Scaling]\nMinReplicas=2\nMaxReplicas=7\nTargetWaitSec=30\n"

#define TRACE "# W=20 min=3 max=50\n0,10\n30,40\n60,10\n"

static void make_file(const char *top, const char *name, const char *text) {
        CLEANUP(freep) char *path = path_join(top, name);
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        char *slash = strrchr(path, '/');

        *slash = '\0';
        (void) mkdir(path, 0755);
        *slash = '/';
        strbuf_append(&b, text);
        write_new_file(path, &b);
}

/* Runs it there; returns the exit status. Standard error goes to the output as well. */
static int simulate(const char *top, const char *arguments, StrBuf *output) {
        CLEANUP(strbuf_done) StrBuf command = { 0 };
        CLEANUP(freep) char *program = realpath(build_directory(), NULL);

        strbuf_printf(&command, "cd '%s' && '%s/workerctl/workerctl' simulate %s 2>&1", top,
                        program, arguments);
        int status = run_command(strbuf_string(&command), output);
        ck_assert_int_eq(strbuf_error(output), 0);
        return status;
}

static void assert_says(const char *top, const char *arguments, int expected, const char *text) {
        CLEANUP(strbuf_done) StrBuf output = { 0 };

        int status = simulate(top, arguments, &output);
        ck_assert_msg(status == expected && strstr(strbuf_string(&output), text),
                        "simulate %s: exit status %d, not '%s' but:\n%s", arguments, status, text,
                        strbuf_string(&output));
}

START_TEST(without_a_policy_the_trace_says_what_is_asked_for) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "load.csv", TRACE);
        assert_says(top, "load.csv", 0, "at most 20s, 3 to 50 instances");
}
END_TEST

START_TEST(a_manifest_is_asked_for_its_policy) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.yaml", MANIFEST);
        make_file(top, "load.csv", TRACE);
        assert_says(top, "mail.yaml load.csv", 0, "at most 30s, 2 to 7 instances");
        assert_says(top, "mail.yaml load.csv load.csv", 0, "load.csv: ");
}
END_TEST

START_TEST(a_drop_in_of_a_manifest_counts) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.yaml", MANIFEST);
        make_file(top, "mail.yaml.d/more.yaml", "worker: {autoScaling: {maxReplicas: 9}}\n");
        make_file(top, "load.csv", TRACE);
        assert_says(top, "mail.yaml load.csv", 0, "at most 30s, 2 to 9 instances");
}
END_TEST

START_TEST(a_target_is_read_with_its_drop_ins_in_order) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.target", TARGET);
        make_file(top, "mail.target.d/50-last.conf", "[X-Scaling]\nMaxReplicas=9\n");
        make_file(top, "mail.target.d/10-first.conf",
                        "[X-Scaling]\nMaxReplicas=8\nMinReplicas=1\n");
        make_file(top, "mail.target.d/99-other.txt", "[X-Scaling]\nMaxReplicas=10\n");
        make_file(top, "load.csv", TRACE);
        assert_says(top, "./mail.target load.csv", 0, "at most 30s, 1 to 9 instances");
}
END_TEST

START_TEST(a_line_that_is_no_policy_is_named) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.target", TARGET "MaxReplicas=many\n");
        make_file(top, "load.csv", TRACE);
        assert_says(top, "./mail.target load.csv", 0, "./mail.target:7: MaxReplicas= must be");
        assert_says(top, "./mail.target load.csv", 0, "at most 30s, 2 to 7 instances");
}
END_TEST

START_TEST(an_option_wins_over_the_policy) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.yaml", MANIFEST);
        make_file(top, "load.csv", TRACE);
        assert_says(top, "--max=5 --target-wait=1min mail.yaml load.csv", 0,
                        "at most 1min, 2 to 5 instances");
        assert_says(top, "mail.yaml load.csv --min=4", 0, "at most 30s, 4 to 7 instances");
        assert_says(top, "--min=8 mail.yaml load.csv", 2,
                        "the minimum, 8, is larger than the maximum");
}
END_TEST

START_TEST(the_engine_gets_the_whole_policy) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.yaml", MANIFEST);
        make_file(top, "seen",
                        "t=1 instances=2\nt=2 instances=2 arrived=30\nt=3 instances=2 "
                        "arrived=30\n");
        /* 30 items/s, 9 of them for one instance */
        assert_says(top, "--stdio mail.yaml <seen", 0, "2\n4\n4\n");
}
END_TEST

START_TEST(a_refused_manifest_plays_nothing_and_says_why) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.yaml", MANIFEST "  replikas: 1\n");
        make_file(top, "load.csv", TRACE);
        assert_says(top, "mail.yaml load.csv", 1, "mail.yaml:8:3: error: ");
}
END_TEST

START_TEST(several_workers_have_no_policy_in_common) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.yaml",
                        MANIFEST "---\nname: post\nversion: v1beta\ntype: worker\nworker: "
                                 "{stack: exec, stackSpec: {command: [/bin/true]}}\n");
        make_file(top, "load.csv", TRACE);
        assert_says(top, "mail.yaml load.csv", 1, "mail.yaml: describes several workers");
}
END_TEST

START_TEST(who_has_no_policy_is_told) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.yaml",
                        "name: mail\nversion: v1beta\ntype: worker\nworker: {stack: exec, "
                        "stackSpec: {command: [/bin/true]}}\n");
        make_file(top, "mail.target", "[Unit]\nDescription=Mail\n");
        make_file(top, "load.csv", TRACE);
        assert_says(top, "mail.yaml load.csv", 1, "mail.yaml: no scaling policy there");
        assert_says(top, "./mail.target load.csv", 1, "./mail.target: no scaling policy there");
        assert_says(top, "./nothing.target load.csv", 1, "./nothing.target: No such file");
        assert_says(top, "nothing.yaml load.csv", 1, "nothing.yaml: no such file");
        assert_says(top, "nothing.csv", 1, "nothing.csv: No such file");
}
END_TEST

START_TEST(a_policy_alone_is_not_enough) {
        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();

        make_file(top, "mail.yaml", MANIFEST);
        assert_says(top, "mail.yaml", 2, "give either traces or --stdio");
}
END_TEST

CHECK_MAIN("simulate", TEST(without_a_policy_the_trace_says_what_is_asked_for),
                TEST(a_manifest_is_asked_for_its_policy), TEST(a_drop_in_of_a_manifest_counts),
                TEST(a_target_is_read_with_its_drop_ins_in_order),
                TEST(a_line_that_is_no_policy_is_named), TEST(an_option_wins_over_the_policy),
                TEST(the_engine_gets_the_whole_policy),
                TEST(a_refused_manifest_plays_nothing_and_says_why),
                TEST(several_workers_have_no_policy_in_common), TEST(who_has_no_policy_is_told),
                TEST(a_policy_alone_is_not_enough))

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>

#include "check_main.h"
#include "command.h"
#include "io.h"
#include "json-schema.h"
#include "man_page.h"

/* Whether the JSON Schema, which editors use, and the generator are of one mind. */

enum { SCHEMA_SIZE_MAX = 1024 * 1024 };

START_TEST(the_schema_that_is_installed_is_the_one_of_the_tables) {
        CLEANUP(strbuf_done) StrBuf path = { 0 }, schema = { 0 };
        CLEANUP(freep) char *installed = NULL;

        print_json_schema(&schema);
        strbuf_printf(&path, "%s/generator/worker.schema.json", source_directory());
        ck_assert_int_eq(read_file_at(AT_FDCWD, strbuf_string(&path), SCHEMA_SIZE_MAX, &installed,
                                         NULL),
                        0);
        ck_assert_msg(STREQ(installed, strbuf_string(&schema)),
                        "it is not: worker-generator --schema > generator/worker.schema.json");
}
END_TEST

/* --- the same verdicts ----------------------------------------------------------------------- */

#define HEAD "name: xy\nversion: v1beta\ntype: worker\n"
#define EXEC "  stack: exec\n  stackSpec: {command: [/bin/true]}\n"

/* Lines below "worker:", or a whole manifest. */
static const struct {
        const char *text;
        bool good;
} cases[] = {
        { "replicas: 3", true },
        { "replicas: 0", false },
        { "replicas: 4097", false },
        { "replicas: \"3\"", false },
        { "replicas: three", false },
        { "replicas: [3]", false },
        { "replicas:", true },
        { "replcas: 3", false },
        { "port: 80", false },
        { "title: 12", true },
        { "title: {a: b}", false },
        { "title: \"{{ title }}\"", false },
        { "title: \"a ${TITLE}\"", false },
        { "tags: [a, 1, true]", true },
        { "tags: a", false },
        { "tags: [{a: b}]", false },
        { "tags: []", true },
        { "dryRun: true", true },
        { "dryRun: \"true\"", false },
        { "dryRun: yes", false },
        { "logLevel: Warning", true },
        { "logLevel: loud", false },
        { "runAsUser: me", true },
        { "runAsUser: root", false },
        { "runAsUser: Me", false },
        { "envs: {A_1: x, b: 2, C: }", true },
        { "envs: {1A: x}", false },
        { "envs: {A: {b: c}}", false },
        { "configs: {a.conf: /etc/a.conf}", true },
        { "configs: {a/b: /etc/a.conf}", false },
        { "drainTimeout: 30", true },
        { "drainTimeout: 1min 30.5s", true },
        { "drainTimeout: infinity", true },
        { "drainTimeout: 10 parsecs", false },
        { "drainTimeout: soon", false },
        { "drainTimeout: -1", false },
        { "drainTimeout: [10s]", false },
        { "resources: {requests: {cpu: 250m, memory: 128Mi}, limits: {cpu: 1.5, memory: 1G}}",
                        true },
        { "resources: {requests: , limits: {}}", true },
        { "resources: {requests: {cpu: 2}, limits: {memory: 1048576}}", true },
        { "resources: {requests: {cpu: \"0.25\"}}", true },
        { "resources: {requests: {cpu: 250k}}", false },
        { "resources: {requests: {cpu: 0.5m}}", false },
        { "resources: {requests: {memory: 128MB}}", false },
        { "resources: {requests: {memory: 128K}}", false },
        { "resources: {requests: {disk: 1G}}", false },
        { "autoScaling: {maxReplicas: 3}", true },
        { "autoscaling: {maxReplicas: 3}", true },
        { "autoScaling: {minReplicas: 3}", false },
        { "autoScaling: {minReplicas: 3, maxReplicas: }", false },
        { "autoScaling: {minReplicas: 3, enabled: false}", true },
        { "autoScaling: {minReplicas: 0, maxReplicas: 3}", false },
        { "autoScaling: {minReplicas: 0, maxReplicas: 3, backlog: {plugin: spool, a: [x, y]}}",
                        true },
        { "autoScaling: {maxReplicas: 3, backlog: {directory: /x}}", false },
        { "autoScaling: {maxReplicas: 3, backlog: {plugin: ../x}}", false },
        { "autoScaling: {maxReplicas: 3, backlog: {plugin: exec, a_b: x}}", false },
        { "autoScaling: {maxReplicas: 3, targetThroughput: 4.5}", true },
        { "autoScaling: {maxReplicas: 3, targetThroughput: \"4.5\"}", true },
        { "autoScaling: {maxReplicas: 3, targetThroughput: 0}", false },
        { "autoScaling: {maxReplicas: 3, targetThroughput: fast}", false },
        { "autoScaling: {maxReplicas: 3, targetWait: 500ms, scaleDownAfter: 5}", true },
        { "autoScaling: {maxReplicas: 3, targetCPUUtilizationPercentage: 0}", false },
        { "dataosSecrets: [{name: a, keys: [b, c], consumptionType: PROPFILE}]", true },
        { "dataosSecrets: [{key: b}]", false },
        { "dataosSecrets: [{name: a/b}]", false },
        { "dataosSecrets: [{name: a, consumptionType: env}]", false },
        { "dataosSecrets: [a]", false },
        { "secrets: [a, {name: b}]", true },
        { "secrets: [{key: b}]", false },
        { "dataosVolumes: [{name: a, directory: b}]", true },
        { "dataosVolumes: [{name: a}]", false },
        { "dataosVolumes: [{name: a, directory: /usr/x}]", false },
        { "dataosVolumes: [{name: a, directory: x/../y}]", false },
        { "dataosVolumes: [{name: a, directory: x, subPath: ../y}]", false },
        { "persistentVolume: {name: a, directory: b, readOnly: true}", true },
        { "topology: [{name: a, dependencies: [b], properties: {c: d}}]", true },
        { "topology: [{nam: a}]", false },
        { "highAvailabilityConfig: {level: zone, mode: preferred}", true },
        { "highAvailabilityConfig: {level: house}", false },
        { "sandbox: {network: none, jit: true, ProcSubset: all}", true },
        { "sandbox: {network: udp}", false },
        { "sandbox: {network: tcp, landlock: false}", true },
        { "sandbox: {NoNewPrivileges: false}", false },
        { "sandbox: {ReadWritePaths: [/srv/a b]}", true },
        { "sandbox: {ReadWritePaths: [srv]}", false },
        { "sandbox: {ReadWritePaths: [/etc]}", false },
        { "sandbox: {ReadOnlyPaths: [/srv/../etc]}", false },
        { "sandbox: {ReadOnlyPaths: [\"/srv:/etc\"]}", false },
        { "sandbox: {ExecPaths: [/opt/]}", false },
        { "sandbox: {RestrictAddressFamilies: [AF_NETLINK]}", true },
        { "sandbox: {RestrictAddressFamilies: [NETLINK]}", false },
        { "sandbox: {SystemCallFilter: [\"@chown\", ~clone, setpriority]}", true },
        { "sandbox: {SystemCallFilter: [a-b]}", false },

        { HEAD, false },
        { HEAD "worker:\n", false },
        { HEAD "worker: none\n", false },
        { HEAD "worker:\n  stackSpec: {command: [/bin/true]}\n", false },
        { HEAD "worker:\n  stack:\n  stackSpec: {command: [/bin/true]}\n", false },
        { HEAD "worker:\n  stack: \"exec:\"\n", false },
        { HEAD "worker:\n  stack: exec:1.0\n  stackSpec: {command: [/bin/true]}\n", true },
        { HEAD "worker:\n  stack: exec\n  stackSpec: [/bin/true]\n", false },
        { HEAD "spec:\n" EXEC, false },
        { HEAD "worker:\n" EXEC "spec:\n" EXEC, false },
        { HEAD "tags: [a]\nowner: me\nlayer: system\nworker:\n" EXEC, true },
        { HEAD "layer: middle\nworker:\n" EXEC, false },
        { HEAD "workspace: a-b\nworker:\n" EXEC, true },
        { HEAD "workspace: 1a\nworker:\n" EXEC, false },
        { HEAD "extra: a\nworker:\n" EXEC, false },
        { "name: 12\nversion: v1beta\ntype: worker\nworker:\n" EXEC, true },
        { "name: X_y\nversion: v1beta\ntype: worker\nworker:\n" EXEC, false },
        { "name: x\nversion: v1beta\ntype: worker\nworker:\n" EXEC, false },
        { "name:\nversion: v1beta\ntype: worker\nworker:\n" EXEC, false },
        { "name: xy\nversion: v1\ntype: worker\nworker:\n" EXEC, false },
        { "name: xy\nversion: v1beta\ntype: service\nworker:\n" EXEC, false },
        { "name: xy\nversion: v2alpha\ntype: worker\nspec:\n" EXEC, true },
        { "name: xy\nversion: v2alpha\ntype: worker\nworker:\n" EXEC, false },
        { "name: xy\nversion: v1beta\nworker:\n" EXEC, false },
};

static void append_case(size_t i, StrBuf *b) {
        if (startswith(cases[i].text, "name:"))
                strbuf_append(b, cases[i].text);
        else
                strbuf_printf(b, HEAD "worker:\n" EXEC "  %s\n", cases[i].text);
}

START_TEST(the_generator_judges_as_expected) {
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                char path[] = "/tmp/check_schema.XXXXXX";
                CLEANUP(strbuf_done) StrBuf text = { 0 }, command = { 0 }, output = { 0 };

                append_case(i, &text);
                CLEANUP(closep) int fd = mkstemp(path);
                ck_assert_int_ge(fd, 0);
                ck_assert_int_eq(write_all(fd, text.data, text.len), 0);
                strbuf_printf(&command, "'%s/generator/worker-generator' --verify %s 2>&1",
                                build_directory(), path);
                int status = run_command(strbuf_string(&command), &output);
                (void) unlink(path);
                ck_assert_msg((status == 0) == cases[i].good, "%s: %s", cases[i].text,
                                strbuf_string(&output));
        }
}
END_TEST

/* A Python that has what the script needs; NULL when there is none. */
static const char *find_python(void) {
        static const char *const pythons[] = { "python3", "/usr/bin/python3" };

        for (size_t i = 0; i < ARRAY_SIZE(pythons); i++) {
                CLEANUP(strbuf_done) StrBuf command = { 0 }, output = { 0 };
                strbuf_printf(&command, "%s -c 'import jsonschema, yaml' 2>&1", pythons[i]);
                if (run_command(strbuf_string(&command), &output) == 0)
                        return pythons[i];
        }
        printf("there is no Python with jsonschema and yaml (Debian packages python3-jsonschema, "
               "python3-yaml), not trying the schema\n");
        return NULL;
}

/* Judges all files NAME.yaml of a directory, which is removed. One line "PATH: PROBLEM" each. */
static void judge_directory(const char *python, const char *directory, StrBuf *verdicts) {
        CLEANUP(strbuf_done) StrBuf command = { 0 };

        strbuf_printf(&command,
                        "%s '%s/tests/schema_verdicts.py' '%s/generator/worker.schema.json' "
                        "%s/*.yaml 2>&1; r=$?; rm -r %s; exit $r",
                        python, source_directory(), source_directory(), directory, directory);
        int status = run_command(strbuf_string(&command), verdicts);
        ck_assert_msg(status == 0, "%s", strbuf_string(verdicts));
}

/* Appends what the verdicts say of a file: nothing when it is good. */
static void append_problem(StrBuf *b, const StrBuf *verdicts, const char *path) {
        CLEANUP(strbuf_done) StrBuf line = { 0 };

        strbuf_printf(&line, "%s: ", path);
        const char *at = strstr(strbuf_string(verdicts), strbuf_string(&line));
        ck_assert_msg(at, "no verdict of %s", path);
        at += line.len;
        strbuf_append_n(b, at, strcspn(at, "\n"));
}

START_TEST(the_schema_judges_as_the_generator_does) {
        char directory[] = "/tmp/check_schema.XXXXXX";
        CLEANUP(strbuf_done) StrBuf verdicts = { 0 };
        const char *python = find_python();

        if (!python)
                return;
        ck_assert_ptr_nonnull(mkdtemp(directory));
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                CLEANUP(strbuf_done) StrBuf path = { 0 }, text = { 0 };
                strbuf_printf(&path, "%s/%03zu.yaml", directory, i);
                append_case(i, &text);
                write_new_file(strbuf_string(&path), &text);
        }
        judge_directory(python, directory, &verdicts);

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                CLEANUP(strbuf_done) StrBuf path = { 0 }, problem = { 0 };
                strbuf_printf(&path, "%s/%03zu.yaml", directory, i);
                append_problem(&problem, &verdicts, strbuf_string(&path));
                ck_assert_msg((problem.len == 0) == cases[i].good, "%s: %s", cases[i].text,
                                problem.len > 0 ? strbuf_string(&problem) : "accepted");
        }
}
END_TEST

START_TEST(the_examples_of_the_manual_fit_the_schema) {
        char directory[] = "/tmp/check_schema.XXXXXX";
        CLEANUP(strbuf_done) StrBuf name = { 0 }, example = { 0 }, verdicts = { 0 };
        CLEANUP(man_page_done) ManPage page = { 0 };
        const char *python = find_python();
        bool says;

        if (!python)
                return;
        ck_assert_int_eq(man_page_open(&page, "worker.manifest.5"), 0);
        ck_assert_ptr_nonnull(mkdtemp(directory));
        while (man_page_next_example(&page, &name, &example, &says)) {
                CLEANUP(strbuf_done) StrBuf path = { 0 }, answer = { 0 };
                man_page_find_answer("worker.manifest.5", strbuf_string(&name), &answer);
                if (says || endswith(strbuf_string(&name), " stack")
                                || strstr(strbuf_string(&answer), ": error: "))
                        continue;
                strbuf_printf(&path, "%s/%s.yaml", directory, strbuf_string(&name));
                write_new_file(strbuf_string(&path), &example);
        }
        judge_directory(python, directory, &verdicts);

        for (const char *p = strbuf_string(&verdicts); *p; p += strcspn(p, "\n") + 1) {
                const char *problem = strstr(p, ": ");
                ck_assert_ptr_nonnull(problem);
                ck_assert_msg(problem[2] == '\n', "%s", strbuf_string(&verdicts));
        }
}
END_TEST

CHECK_MAIN("schema", TEST(the_schema_that_is_installed_is_the_one_of_the_tables),
                TEST(the_generator_judges_as_expected),
                TEST(the_schema_judges_as_the_generator_does),
                TEST(the_examples_of_the_manual_fit_the_schema))

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"
#include "judge.h"
#include "stack.h"

/* --- versions ------------------------------------------------------------------------------------
 */

START_TEST(versions_are_compared_as_numbers) {
        static const struct {
                const char *a, *b;
                int order;
        } rows[] = {
                { "1", "1", 0 }, { "1.0", "1", 0 }, { "1.00", "1.0", 0 }, { "01", "1", 0 },
                { "3.9", "3.10", -1 }, { "3.10", "3.9.9", 1 }, { "10", "9", 1 },
                { "1.2.3", "1.2", 1 },
                { "99999999999999999999", "99999999999999999998", 1 }, /* more than 64 bits */
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                int order = compare_versions(rows[i].a, rows[i].b);
                ck_assert_msg((order > 0) - (order < 0) == rows[i].order, "%s %s", rows[i].a,
                                rows[i].b);
                order = compare_versions(rows[i].b, rows[i].a);
                ck_assert_msg((order > 0) - (order < 0) == -rows[i].order, "%s %s", rows[i].b,
                                rows[i].a);
        }
}
END_TEST

/* --- finding
 * --------------------------------------------------------------------------------------- */

#define STACK(parts)                                                                               \
        "name: s\nversion: v1alpha\ntype: stack\nstack: {command: [/usr/bin/true], " parts "}\n"

static const char definitions[] = STACK("name: py, version: '3.9'") "---\n" STACK(
                "name: py, "
                "version: 3.10") "---\n" STACK("name: py, version: '3.11', flavor: "
                                               "slim") "---\n" STACK("name: bento-worker, version: "
                                                                     "3.0") "---\n" STACK("name: "
                                                                                          "one, "
                                                                                          "version:"
                                                                                          " "
                                                                                          "'1', "
                                                                                          "flavor: "
                                                                                          "only") "--"
                                                                                                  "-"
                                                                                                  "\n" STACK("name: two, version: '1', flavor: a") "---\n" STACK(
                                                                                                                  "name: two, version: '2', flavor: b");

/* Appends what is found: "NAME+FLAVOR:VERSION", or the code and the message of the error. */
static void find(const char *reference, StrBuf *b) {
        CLEANUP(judgment_done) Judgment j;
        CLEANUP(source_done) Source source = { 0 };
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &source };

        judgment_init(&j);
        ck_assert_int_eq(source_from_text(&source, "stacks", definitions, strlen(definitions)), 0);
        ck_assert_int_eq(generator_add_stacks(&j.generator, &source), 0);
        ck_assert_str_eq(strbuf_string(&j.codes), "");
        const Stack *s = stack_find(&j.generator.stacks, reference, (Mark){ 1, 1, 1 }, &d);
        if (s)
                strbuf_printf(b, "%s%s%s:%s", s->name, s->flavor ? "+" : "",
                                s->flavor ? s->flavor : "", s->version);
        else
                strbuf_printf(b, "%s %s", d.items[0].code, d.items[0].message);
}

START_TEST(a_reference_finds_what_the_reference_says) {
        static const struct {
                const char *reference, *found;
        } rows[] = {
                { "exec", "exec:1.0" },
                { "exec:1", "exec:1.0" },
                { "py", "py:3.10" }, /* the highest of those without a flavor */
                { "py:3.9", "py:3.9" },
                { "py:3.10", "py:3.10" },
                { "py:3.11", "py+slim:3.11" }, /* the only one of that version */
                { "py+slim", "py+slim:3.11" },
                { "py+slim:3.11", "py+slim:3.11" },
                { "bento-worker:3.0", "bento-worker:3.0" },
                { "one", "one+only:1" },
                { "two:1", "two+a:1" },
                { "two+b", "two+b:2" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(strbuf_done) StrBuf found = { 0 };
                find(rows[i].reference, &found);
                ck_assert_str_eq(strbuf_string(&found), rows[i].found);
        }
}
END_TEST

START_TEST(what_is_not_found_is_told_with_what_there_is) {
        static const struct {
                const char *reference, *code, *listed;
        } rows[] = {
                { "py:4", "E-NO-SUCH-STACK", "there are py:3.9, py:3.10, py+slim:3.11;" },
                { "py+fat", "E-NO-SUCH-STACK", "py+slim:3.11" },
                { "nothing", "E-NO-SUCH-STACK", "exec:1.0" },
                { "PY", "E-NO-SUCH-STACK", "bento-worker:3.0" },
                { "two", "E-STACK", "two+a:1, two+b:2" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(strbuf_done) StrBuf found = { 0 };
                find(rows[i].reference, &found);
                ck_assert_msg(startswith(strbuf_string(&found), rows[i].code)
                                                && strstr(strbuf_string(&found), rows[i].listed),
                                "%s: %s", rows[i].reference, strbuf_string(&found));
        }
}
END_TEST

START_TEST(what_is_no_reference_is_refused) {
        static const char *const bad[] = { "", "+a", "a+", "a:", "a:b", "a:1.", "a:.1", "a:1..2",
                "-a", "a-", "a b", "a+b+c", "a:1:2", "a/b", "a_b", "a:v1", "a:1+b" };

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                CLEANUP(strbuf_done) StrBuf found = { 0 };
                find(bad[i], &found);
                ck_assert_msg(startswith(strbuf_string(&found), "E-STACK "), "'%s': %s", bad[i],
                                strbuf_string(&found));
        }
}
END_TEST

/* --- definitions
 * ------------------------------------------------------------------------------------- */

static void expect_definition(const char *text, const char *codes) {
        CLEANUP(judgment_done) Judgment j;
        CLEANUP(source_done) Source source = { 0 };

        judgment_init(&j);
        ck_assert_int_eq(source_from_text(&source, "stacks", text, strlen(text)), 0);
        ck_assert_int_eq(generator_add_stacks(&j.generator, &source), 0);
        ck_assert_msg(STREQ(strbuf_string(&j.codes), codes), "%s: %s", text,
                        strbuf_string(&j.codes));
        ck_assert_msg((j.generator.stacks.first == NULL) == (*codes != '\0'), "%s", text);
}

START_TEST(definitions_are_checked_and_bad_ones_left_out) {
        static const struct {
                const char *text, *codes;
        } rows[] = {
                { STACK("name: a, version: 1"), "" },
                { STACK("name: a, version: 1, reconciler: x, ports: {a: 1}, serviceConfig: {}"),
                                "" },
                { STACK("name: a"), "E-STACK@4:1" },
                { STACK("version: 1"), "E-STACK@4:1" },
                { STACK("name: a.b, version: 1"), "E-STACK@4:1" },
                { STACK("name: a, version: v1"), "E-STACK@4:1" },
                { STACK("name: a, version: 1, flavor: 'b c'"), "E-STACK@4:1" },
                { STACK("name: a, version: 1, environmentVars: {'A B': c}"), "E-ENV@4:74" },
                { STACK("name: a, version: 1, host: {path: relative}"), "E-PATH@4:1" },
                { STACK("name: a, version: 1, host: {rootDirectory: /a/../b}"), "E-PATH@4:1" },
                { STACK("name: a, version: 1, host: {rootDirectory: '/a '}"), "E-PATH@4:1" },
                { STACK("name: a, version: 1, host: {jit: yes}"), "E-VALUE@4:68" },
                { STACK("name: a, version: 1, hots: {}"), "E-UNKNOWN@4:56" },
                { "name: a\ntype: worker\nstack: {name: a, version: 1}\n", "E-VALUE@2:7" },
                { "name: a\ntype: stack\n", "E-NO-SECTION@1:1" },
                { "- a\n", "E-TYPE@0:0" },
                { "a: [\n", "E-YAML-SYNTAX@2:1" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                expect_definition(rows[i].text, rows[i].codes);
}
END_TEST

/* --- from a definition to a command
 * ------------------------------------------------------------------- */

static void expect_worker_of(const char *parts, const char *more, const char *line) {
        CLEANUP(judgment_done) Judgment j;
        CLEANUP(source_done) Source source = { 0 };
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        CLEANUP(strbuf_done) StrBuf manifest = { 0 };

        strbuf_printf(&manifest,
                        MANIFEST_HEAD "worker: {stack: data, stackSpec: {command: [x, y]}%s}\n",
                        more);
        strbuf_printf(&text, "name: s\ntype: stack\nstack: {name: data, version: 1, %s}\n", parts);
        judgment_init(&j);
        ck_assert_int_eq(source_from_text(&source, "stacks", strbuf_string(&text), text.len), 0);
        ck_assert_int_eq(generator_add_stacks(&j.generator, &source), 0);
        judge_text(&j, MANIFEST_PATH, strbuf_string(&manifest), manifest.len);
        const char *unit = judgment_unit(&j, "worker-demo@.service");
        ck_assert_msg(unit, "%s: %s", parts, strbuf_string(&j.messages));
        ck_assert_msg(has_line(unit, line), "%s: no %s in\n%.2000s", parts, line, unit);
}

/* The launcher comes first, as the sandbox is whole by default. */
#define EXEC_START "ExecStart=\"" WORKERSDIR "/worker-exec\" --landlock -- "

static void expect_command(const char *parts, const char *line) {
        expect_worker_of(parts, "", line);
}

START_TEST(a_command_is_that_of_the_definition) {
        expect_command("command: [/usr/bin/a, b c]", EXEC_START "\"/usr/bin/a\" \"b c\"");
        expect_command("command: [/usr/bin/a], arguments: [b]", EXEC_START "\"/usr/bin/a\" \"b\"");
        expect_command("arguments: [/usr/bin/a]", EXEC_START "\"/usr/bin/a\"");
        expect_command("command: [a], host: {path: /opt/x}", EXEC_START "\"/opt/x/a\"");
        expect_command("command: [/usr/bin/a, 'f=/etc/dataos/config/x,/etc/dataos/secret/y%n']",
                        EXEC_START "\"/usr/bin/a\" \"f=%d/x,%d/y%%n\"");
        expect_command("command: [/usr/bin/a], host: {commandFromSpec: true}",
                        EXEC_START "\"/usr/bin/a\" \"x\" \"y\"");
        expect_command("command: [/usr/bin/a], host: {notify: true}", "Type=notify");
        expect_command("command: [/usr/bin/a], host: {jit: true}", "MemoryDenyWriteExecute=no");
}
END_TEST

START_TEST(a_manifest_can_take_back_what_its_stack_relaxes) {
        static const char stack[] = "command: [/usr/bin/a], host: {jit: true}";

        expect_worker_of(stack, "", "# relaxed: the stack's runtime compiles to memory");
        expect_worker_of(stack, ", sandbox: {jit: false}", "MemoryDenyWriteExecute=yes");
        expect_worker_of(stack, ", sandbox: {MemoryDenyWriteExecute: true}",
                        "MemoryDenyWriteExecute=yes");
        expect_worker_of(stack, ", sandbox: {MemoryDenyWriteExecute: false}",
                        "MemoryDenyWriteExecute=no");
}
END_TEST

CHECK_MAIN("stack", TEST(versions_are_compared_as_numbers),
                TEST(a_reference_finds_what_the_reference_says),
                TEST(what_is_not_found_is_told_with_what_there_is),
                TEST(what_is_no_reference_is_refused),
                TEST(definitions_are_checked_and_bad_ones_left_out),
                TEST(a_command_is_that_of_the_definition),
                TEST(a_manifest_can_take_back_what_its_stack_relaxes))

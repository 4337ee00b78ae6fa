/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>

#include "check_main.h"
#include "file_tree.h"
#include "golden_case.h"
#include "io.h"
#include "judge.h"
#include "systemd_analyze.h"
#include "unit_syntax.h"

/* Text in a manifest never becomes a directive, a specifier or a second command: every attribute
 * that is text gets every hostile text. Either the worker is refused, or its units have the very
 * directives that a harmless text gives, and the text itself comes back out of them. */

/* --- hostile texts ------------------------------------------------------------------------------
 */

typedef struct Text {
        const char *bytes;
        size_t size;
} Text;

#define TEXT(s)                                                                                    \
        { s, sizeof(s) - 1 }

static const Text hostile[] = {
        TEXT("a\nExecStartPre=/bin/hostile"),
        TEXT("a\n[Service]\nExecStart=/bin/hostile"),
        TEXT("\n[Install]\nWantedBy=hostile.target\n"),
        TEXT("a\r\nUser=root\r\n"),
        TEXT("a\rUser=root"),
        TEXT("a\0User=root"),
        TEXT("[Service]"),
        TEXT("continued \\"),
        TEXT("\\"),
        TEXT("\\\\"),
        TEXT("a\\\nb"),
        TEXT("\\x5bService\\x5d\\n\\u2028"),
        TEXT("%n %i %% %h %"),
        TEXT("%"),
        TEXT("$HOME"),
        TEXT("$HOSTILE ${HOME}"),
        TEXT("$$ $"),
        TEXT("\""),
        TEXT("'"),
        TEXT("a\" \"b"),
        TEXT("a' 'b"),
        TEXT("\" ExecStart=\"/bin/hostile"),
        TEXT("; /bin/hostile"),
        TEXT(";"),
        TEXT(" ; "),
        TEXT("#comment"),
        TEXT(";comment"),
        TEXT(" blanks around "),
        TEXT("\ttab\t"),
        TEXT("   "),
        TEXT(""),
        TEXT("\x1b[2J\x1b]0;title\x07"),
        TEXT("\x7f\x01\x1f"),
        TEXT("a\xc2\x85User=root"),     /* NEL */
        TEXT("a\xe2\x80\xa8User=root"), /* LINE SEPARATOR */
        TEXT("a\xe2\x80\xa9User=root"), /* PARAGRAPH SEPARATOR */
        TEXT("\xef\xbb\xbf"),           /* byte order mark */
        TEXT("\xe2\x80\xae"
             "txt.exe"), /* right to left */
        TEXT("invalid \xff UTF-8"),
        TEXT("cut \xc3"),
        TEXT("surrogate \xed\xa0\x80"),
        TEXT("../../etc/shadow"),
        TEXT("/../../etc/shadow"),
        TEXT("/usr/bin/../../bin/hostile"),
        TEXT("/a:/b:rbind"),
        TEXT("+/a"),
        TEXT("-a"),
        TEXT("--hostile=1"),
        TEXT("@hostile"),
        TEXT("~listen"),
        TEXT("a=b=c"),
        TEXT("{{.Hostile}}"),
        TEXT("*"),
        TEXT("~"),
        TEXT("Null"),
        TEXT("True"),
};

/* A double-quoted YAML scalar; what is not UTF-8 stays as it is. */
static void append_yaml(StrBuf *b, Text t) {
        strbuf_append_char(b, '"');
        for (size_t i = 0; i < t.size; i++) {
                unsigned char c = (unsigned char) t.bytes[i];
                if (c == '"' || c == '\\') {
                        strbuf_append_char(b, '\\');
                        strbuf_append_char(b, (char) c);
                } else if (c < 0x20 || c == 0x7f)
                        strbuf_printf(b, "\\x%02x", c);
                else if (c == 0xc2 && (unsigned char) t.bytes[i + 1] == 0x85) {
                        strbuf_append(b, "\\N"); /* unescaped it would be a line break */
                        i++;
                } else if (c == 0xe2 && strncmp(t.bytes + i, "\xe2\x80\xa8", 3) == 0) {
                        strbuf_append(b, "\\L");
                        i += 2;
                } else if (c == 0xe2 && strncmp(t.bytes + i, "\xe2\x80\xa9", 3) == 0) {
                        strbuf_append(b, "\\P");
                        i += 2;
                } else
                        strbuf_append_char(b, (char) c);
        }
        strbuf_append_char(b, '"');
}

/* --- attributes ----------------------------------------------------------------------------------
 */

/* Where a text has to come back: words of a directive of the template or the backlog's unit. */
typedef struct Target {
        const char *unit, *key;
        const char *prefix; /* of the word */
        bool command;
} Target;

#define TEMPLATE "worker-demo@.service"

static const struct {
        const char *before, *after; /* the text, quoted, stands between them */
        const char *harmless;
        Target place; /* no key: not looked for */
} attributes[] = {
        { WORKER_HEAD "description: ", "\n", "text",
                        { TEMPLATE, "Environment", "DATAOS_DESCRIPTION=", false } },
        { WORKER_HEAD "owner: ", "\n", "text", { 0 } },
        { WORKER_HEAD "tags: [", "]\n", "text",
                        { TEMPLATE, "Environment", "DATAOS_TAGS=", false } },
        { WORKER_HEAD "  tags: [", "]\n", "text",
                        { TEMPLATE, "LogExtraFields", "WORKER_TAGS=", false } },
        { WORKER_HEAD "title: ", "\n", "text", { 0 } },
        { WORKER_HEAD "  title: ", "\n", "text", { 0 } },
        { WORKER_HEAD "  envs: {NAME: ", "}\n", "text",
                        { TEMPLATE, "Environment", "NAME=", false } },
        { WORKER_HEAD "  envs: {", ": text}\n", "NAME", { 0 } },
        { WORKER_HEAD "  configs: {file: ", "}\n", "text", { 0 } },
        { WORKER_HEAD "  configs: {", ": text}\n", "file", { 0 } },
        { WORKER_HEAD "  runAsUser: ", "\n", "somebody", { 0 } },
        { WORKER_HEAD "  runAsApiKey: ", "\n", "text", { 0 } },
        { WORKER_HEAD "  compute: ", "\n", "text", { 0 } },
        { WORKER_HEAD "  tempVolume: ", "\n", "text", { 0 } },
        { WORKER_HEAD "  executionMode: ", "\n", "text", { 0 } },
        { WORKER_HEAD "  topology: [{name: ", "}]\n", "text", { 0 } },
        { WORKER_HEAD "  topology: [{name: a, type: ", "}]\n", "text", { 0 } },
        { WORKER_HEAD "  topology: [{name: a, doc: ", "}]\n", "text", { 0 } },
        { WORKER_HEAD "  topology: [{name: a, doc: \"http://example.org\", properties: {a: ",
                        "}}]\n", "text", { 0 } },
        { WORKER_HEAD "  topology: [{name: a, dependencies: [", "]}]\n", "text", { 0 } },
        { WORKER_HEAD "  highAvailabilityConfig: {tags: [", "]}\n", "text", { 0 } },
        { WORKER_HEAD "  dataosSecrets: [{name: ", "}]\n", "text", { 0 } },
        { WORKER_HEAD "  dataosSecrets: [{name: a, key: ", "}]\n", "text", { 0 } },
        { WORKER_HEAD "  dataosSecrets: [{name: a, workspace: ", "}]\n", "text", { 0 } },
        { WORKER_HEAD "  secrets: [", "]\n", "text", { 0 } },
        { WORKER_HEAD "  dataosVolumes: [{directory: /data, name: ", "}]\n", "text", { 0 } },
        { WORKER_HEAD "  dataosVolumes: [{name: a, directory: ", "}]\n", "/text", { 0 } },
        { WORKER_HEAD "  dataosVolumes: [{name: a, directory: /data, subPath: ", "}]\n", "text",
                        { 0 } },
        { WORKER_HEAD "  autoScaling: {maxReplicas: 2, backlog: {plugin: spool, key: ", "}}\n",
                        "text", { "worker-demo-backlog.service", "ExecStart", "--key=", true } },
        { WORKER_HEAD "  autoScaling: {maxReplicas: 2, backlog: {plugin: ", "}}\n", "text", { 0 } },
        { WORKER_HEAD "  autoScaling: {maxReplicas: 2, backlog: {plugin: spool, ", ": text}}\n",
                        "text", { 0 } },
        { WORKER_HEAD "  sandbox: {ReadWritePaths: [", "]}\n", "/text", { 0 } },
        { WORKER_HEAD "  sandbox: {ReadOnlyPaths: [", "]}\n", "/text", { 0 } },
        { WORKER_HEAD "  sandbox: {ExecPaths: [", "]}\n", "/text", { 0 } },
        { WORKER_HEAD "  sandbox: {SystemCallFilter: [", "]}\n", "mkdir", { 0 } },
        { WORKER_HEAD "  sandbox: {RestrictAddressFamilies: [", "]}\n", "AF_NETLINK", { 0 } },
        { WORKER_HEAD "  sandbox: {IPAddressAllow: [", "]}\n", "localhost", { 0 } },
        { WORKER_HEAD "  sandbox: {network: ", "}\n", "host", { 0 } },
        { WORKER_HEAD "  logLevel: ", "\n", "INFO", { 0 } },
        { MANIFEST_HEAD "worker: {stack: exec, stackSpec: {command: [", "]}}\n", "/usr/bin/true",
                        { 0 } },
        { MANIFEST_HEAD "worker: {stack: exec, stackSpec: {command: [/usr/bin/true, ", "]}}\n",
                        "text", { TEMPLATE, "ExecStart", "", true } },
        { MANIFEST_HEAD "worker: {stack: exec, stackSpec: {command: [/usr/bin/true], arguments: [",
                        "]}}\n", "text", { TEMPLATE, "ExecStart", "", true } },
        { MANIFEST_HEAD "worker: {stack: exec, stackSpec: {command: [/usr/bin/true], ", ": a}}\n",
                        "image", { 0 } },
        { MANIFEST_HEAD "worker: {stackSpec: {command: [/usr/bin/true]}, stack: ", "}\n", "exec",
                        { 0 } },
        { MANIFEST_HEAD "worker: {stack: data, stackSpec: {key: ", "}}\n", "text", { 0 } },
        { "version: v1beta\ntype: worker\nworker: {stack: exec, stackSpec: {command: "
          "[/usr/bin/true]}}\nname: ",
                        "\n", "demo", { 0 } },
        { WORKER_HEAD "workspace: ", "\n", "public", { 0 } },
        { WORKER_HEAD "layer: ", "\n", "user", { 0 } },
};

/* A stack whose parts take the text. */
static const struct {
        const char *before, *after, *harmless;
        Target place;
} stack_attributes[] = {
        { "name: data, version: '1.0', command: [", "]", "/usr/bin/true", { 0 } },
        { "name: data, version: '1.0', command: [/usr/bin/true], arguments: [", "]", "text",
                        { TEMPLATE, "ExecStart", "", true } },
        { "name: data, version: '1.0', command: [/usr/bin/true], environmentVars: {NAME: ", "}",
                        "text", { TEMPLATE, "Environment", "NAME=", false } },
        { "name: data, version: '1.0', command: [/usr/bin/true], environmentVars: {", ": text}",
                        "NAME", { 0 } },
        { "name: data, command: [/usr/bin/true], version: ", "", "1.0", { 0 } },
        { "name: data, version: '1.0', command: [/usr/bin/true], flavor: ", "", "text", { 0 } },
        { "name: data, version: '1.0', command: [true], host: {path: ", "}", "/text", { 0 } },
        { "name: data, version: '1.0', command: [/usr/bin/true], host: {rootDirectory: ", "}",
                        "/text", { 0 } },
        { "name: data, version: '1.0', command: [/usr/bin/true], host: {rootImage: ", "}", "/text",
                        { 0 } },
        { "name: data, version: '1.0', command: [/usr/bin/true], image: {image: ", "}", "text",
                        { 0 } },
        { "name: data, version: '1.0', command: [/usr/bin/true], workerConfig: "
          "{configFileTemplate: ",
                        "}", "'file: text'", { 0 } },
};

/* --- judging one text ---------------------------------------------------------------------------
 */

static void judge_between(
                Judgment *j, const char *before, const char *after, Text t, const Source *stacks) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };

        judgment_init(j);
        j->generator.host.root_fd = -1;
        if (stacks)
                ck_assert_int_eq(generator_add_stacks(&j->generator, stacks), 0);
        strbuf_append(&text, before);
        append_yaml(&text, t);
        strbuf_append(&text, after);
        judge_text(j, MANIFEST_PATH, strbuf_string(&text), text.len);
        ck_assert_int_eq(j->result, 0);
        ck_assert_int_eq(generator_finish(&j->generator, &j->tree), 0);
}

/* All units with their sections and keys, but for [X-Worker], which systemd ignores; fails on what
 * is not the syntax of a unit. */
static void describe(const Judgment *j, const char *what, StrBuf *b) {
        for (const UnitFile *f = j->tree.first; f; f = f->next) {
                CLEANUP(unit_syntax_done) UnitSyntax u = { 0 };
                unsigned line;
                if (f->mode != 0644) /* not a unit */
                        continue;
                strbuf_printf(b, "%s\n", f->path);
                ck_assert_msg(unit_syntax_read(f->content, f->size, &u, &line) == 0,
                                "%.300s: %s:%u\n%.3000s", what, f->path, line, f->content);
                for (size_t i = 0; i < u.n; i++)
                        if (!STREQ(u.lines[i].section, "X-Worker"))
                                strbuf_printf(b, "[%s] %s=\n", u.lines[i].section, u.lines[i].key);
        }
}

static void expect_same(const char *what, const char *found, const char *expected) {
        while (*found && *expected) {
                size_t n = strcspn(found, "\n");
                if (n != strcspn(expected, "\n") || strncmp(found, expected, n) != 0)
                        break;
                found += n + 1;
                expected += n + 1;
        }
        ck_assert_msg(*found == *expected && *found == '\0', "%.300s\nfound: %.*s, expected: %.*s",
                        what, (int) strcspn(found, "\n"), found, (int) strcspn(expected, "\n"),
                        expected);
}

/* Whether a directive of the unit has a word that is prefix and text. */
static bool comes_back(const Judgment *j, const Target *p, Text t) {
        const char *unit = judgment_unit(j, p->unit), *value;
        CLEANUP(unit_syntax_done) UnitSyntax u = { 0 };
        CLEANUP(strbuf_done) StrBuf word = { 0 };
        size_t n = strlen(p->prefix);
        unsigned line;

        ck_assert_ptr_nonnull(unit);
        ck_assert_int_eq(unit_syntax_read(unit, strlen(unit), &u, &line), 0);
        for (size_t i = 0; (value = unit_syntax_find(&u, "Service", p->key, i)); i++) {
                unsigned flags = (p->command ? UNQUOTE_COMMAND : 0) | UNQUOTE_SPECIFIERS;
                int r;
                while ((r = unit_unquote(&value, flags, &word)) > 0)
                        if (word.len == n + t.size && startswith(strbuf_string(&word), p->prefix)
                                        && memcmp(strbuf_string(&word) + n, t.bytes, t.size) == 0)
                                return true;
                ck_assert_msg(r == 0, "%s", value);
        }
        return false;
}

/* Nothing but "%i" and "%d" of the generator's own is a specifier; a number may end in '%'. */
static void expect_no_specifiers(const Judgment *j, const char *what) {
        for (const UnitFile *f = j->tree.first; f; f = f->next)
                for (const char *line = f->content; f->mode == 0644 && *line;) {
                        size_t n = strcspn(line, "\n");
                        for (size_t i = *line == '#' ? n : 0; i < n; i++)
                                if (line[i] == '%') {
                                        i++;
                                        ck_assert_msg(i == n || strchr("%id", line[i]),
                                                        "%.300s: %s: %.80s", what, f->path, line);
                                }
                        line += n + (line[n] ? 1 : 0);
                }
}

/* Returns whether it was accepted. */
static bool expect_harmless(const Judgment *j, const Judgment *harmless, const char *what, Text t,
                const Target *p) {
        CLEANUP(strbuf_done) StrBuf found = { 0 }, expected = { 0 };

        describe(j, what, &found);
        expect_no_specifiers(j, what);
        if (j->generator.n_accepted == 0) {
                ck_assert_msg(j->generator.n_refused > 0, "%s: neither accepted nor refused", what);
                ck_assert_msg(j->codes.len > 0, "%s: refused without a word", what);
                ck_assert(!judgment_unit(j, TEMPLATE));
                return false;
        }
        describe(harmless, what, &expected);
        expect_same(what, strbuf_string(&found), strbuf_string(&expected));
        if (p->key)
                ck_assert_msg(comes_back(j, p, t), "%.300s does not come back in\n%.2500s", what,
                                judgment_unit(j, p->unit));
        return true;
}

static Text text_of(const char *s) {
        return (Text){ s, strlen(s) };
}

static void stack_source(Source *s, const char *before, const char *after, Text t) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        strbuf_append(&b, "name: data\nversion: v1alpha\ntype: stack\nstack: {");
        strbuf_append(&b, before);
        append_yaml(&b, t);
        strbuf_append(&b, after);
        strbuf_append(&b, "}\n");
        ck_assert_int_eq(source_from_text(s, "/etc/workers/stacks/data.yaml", strbuf_string(&b),
                                         b.len),
                        0);
}

/* --- tests --------------------------------------------------------------------------------------
 */

#define DATA "name: data, version: '1.0', command: [/usr/bin/true], flavor: "

START_TEST(no_text_of_a_manifest_becomes_a_directive) {
        CLEANUP(source_done) Source stack = { 0 };
        unsigned accepted = 0;

        stack_source(&stack, DATA, "", text_of("a"));
        for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
                CLEANUP(judgment_done) Judgment harmless;
                judge_between(&harmless, attributes[i].before, attributes[i].after,
                                text_of(attributes[i].harmless), &stack);
                ck_assert_msg(harmless.generator.n_accepted == 1, "%s: %s", attributes[i].before,
                                strbuf_string(&harmless.messages));
                for (size_t k = 0; k < ARRAY_SIZE(hostile); k++) {
                        CLEANUP(judgment_done) Judgment j;
                        CLEANUP(strbuf_done) StrBuf what = { 0 };
                        strbuf_printf(&what, "%s'%s'", attributes[i].before, hostile[k].bytes);
                        judge_between(&j, attributes[i].before, attributes[i].after, hostile[k],
                                        &stack);
                        accepted += expect_harmless(&j, &harmless, strbuf_string(&what), hostile[k],
                                        &attributes[i].place);
                }
        }
        ck_assert_uint_gt(accepted, ARRAY_SIZE(attributes) * 5); /* not all is just refused */
}
END_TEST

START_TEST(no_text_of_a_stack_becomes_a_directive) {
        static const char before[] = MANIFEST_HEAD "worker: {stackSpec: {a: b}, title: ";
        unsigned accepted = 0;

        for (size_t i = 0; i < ARRAY_SIZE(stack_attributes); i++) {
                CLEANUP(source_done) Source good = { 0 };
                CLEANUP(judgment_done) Judgment harmless;
                stack_source(&good, stack_attributes[i].before, stack_attributes[i].after,
                                text_of(stack_attributes[i].harmless));
                judge_between(&harmless, before, ", stack: data}\n", text_of("x"), &good);
                for (size_t k = 0; k < ARRAY_SIZE(hostile); k++) {
                        CLEANUP(source_done) Source bad = { 0 };
                        CLEANUP(judgment_done) Judgment j;
                        CLEANUP(strbuf_done) StrBuf what = { 0 };
                        strbuf_printf(&what, "%s'%s'", stack_attributes[i].before,
                                        hostile[k].bytes);
                        stack_source(&bad, stack_attributes[i].before, stack_attributes[i].after,
                                        hostile[k]);
                        judge_between(&j, before, ", stack: data}\n", text_of("x"), &bad);
                        accepted += expect_harmless(&j, &harmless, strbuf_string(&what), hostile[k],
                                        &stack_attributes[i].place);
                }
        }
        ck_assert_uint_gt(accepted, ARRAY_SIZE(stack_attributes) * 3);
}
END_TEST

START_TEST(no_text_is_too_long_for_a_unit) {
        static const size_t sizes[] = { 64 * 1024, 64 * 1024 + 1, 1024 * 1024 - 1024 };
        static const char fill[] = { 'x', '%', '"' };
        CLEANUP(source_done) Source stack = { 0 };

        stack_source(&stack, DATA, "", text_of("a"));
        for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
                CLEANUP(judgment_done) Judgment harmless;
                judge_between(&harmless, attributes[i].before, attributes[i].after,
                                text_of(attributes[i].harmless), &stack);
                for (size_t k = 0; k < ARRAY_SIZE(sizes) * ARRAY_SIZE(fill); k++) {
                        size_t size = sizes[k % ARRAY_SIZE(sizes)];
                        CLEANUP(freep) char *bytes = malloc(size + 1);
                        CLEANUP(judgment_done) Judgment j;
                        ck_assert_ptr_nonnull(bytes);
                        memset(bytes, fill[k / ARRAY_SIZE(sizes)], size);
                        bytes[size] = '\0';
                        Text t = { bytes, size };
                        judge_between(&j, attributes[i].before, attributes[i].after, t, &stack);
                        expect_harmless(&j, &harmless, attributes[i].before, t,
                                        &attributes[i].place);
                }
        }
}
END_TEST

START_TEST(no_list_is_too_long_for_a_line) {
        static const char *const lists[] = { WORKER_HEAD "tags: [", WORKER_HEAD "  tags: [",
                MANIFEST_HEAD "worker: {stack: exec, stackSpec: {command: [/usr/bin/true, ",
                WORKER_HEAD "  sandbox: {ReadWritePaths: [",
                WORKER_HEAD "  autoScaling: {maxReplicas: 2, backlog: {plugin: a, key: [" };
        static const char *const ends[] = { "]\n", "]\n", "]}}\n", "]}\n", "]}}\n" };

        for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
                CLEANUP(strbuf_done) StrBuf text = { 0 }, found = { 0 };
                CLEANUP(judgment_done) Judgment j;
                strbuf_append(&text, lists[i]);
                for (unsigned k = 0; k < 450; k++) {
                        strbuf_append(&text, k > 0 ? "," : "");
                        strbuf_printf(&text, "\"/%u", k);
                        for (unsigned c = 0; c < 2000; c++)
                                strbuf_append_char(&text, '%');
                        strbuf_append(&text, "\"");
                }
                strbuf_append(&text, ends[i]);
                judge(&j, strbuf_string(&text));
                describe(&j, lists[i], &found);
                ck_assert_msg(j.generator.n_refused == 1, "%s", lists[i]);
                ck_assert_msg(strstr(strbuf_string(&j.codes), "E-LIMIT"), "%s",
                                strbuf_string(&j.codes));
        }
}
END_TEST

/* --- systemd's own reader ------------------------------------------------------------------------
 */

static void write_unit(const char *directory, const char *name, const char *text) {
        CLEANUP(freep) char *path = path_join(directory, name), *unit = strdup(text);
        CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        ck_assert_int_ge(fd, 0);
        /* systemd-analyze looks whether the program is there, and ours is not installed yet */
        replace_all(&unit, WORKERSDIR "/worker-exec", "/usr/bin/env");
        ck_assert_int_eq(write_all(fd, unit, strlen(unit)), 0);
}

/* One worker for each text, which has it wherever that is allowed. Returns their number. */
static unsigned write_hostile_units(const char *directory, StrBuf *names) {
        unsigned n = 0;

        for (size_t k = 0; k < ARRAY_SIZE(hostile); k++) {
                CLEANUP(judgment_done) Judgment j;
                CLEANUP(strbuf_done) StrBuf text = { 0 }, unit = { 0 };
                strbuf_printf(&text, "name: w%zu\nversion: v1beta\ntype: worker\ndescription: ", k);
                append_yaml(&text, hostile[k]);
                strbuf_append(&text, "\nowner: ");
                append_yaml(&text, hostile[k]);
                strbuf_append(&text, "\ntags: [");
                append_yaml(&text, hostile[k]);
                strbuf_append(&text, "]\nworker:\n  stack: exec\n  envs: {NAME: ");
                append_yaml(&text, hostile[k]);
                strbuf_append(&text, "}\n  stackSpec: {command: [/usr/bin/true, ");
                append_yaml(&text, hostile[k]);
                strbuf_append(&text, "]}\n");
                judgment_init(&j);
                judge_text(&j, MANIFEST_PATH, strbuf_string(&text), text.len);
                if (j.generator.n_accepted == 0)
                        continue;
                strbuf_printf(&unit, "worker-w%zu@.service", k);
                write_unit(directory, strbuf_string(&unit),
                                judgment_unit(&j, strbuf_string(&unit)));
                strbuf_printf(names, " worker-w%zu@1.service", k);
                n++;
        }
        return n;
}

START_TEST(systemd_reads_what_was_meant) {
        if (!have_systemd_analyze())
                return;

        CLEANUP(remove_temporary_directoryp) char *top = make_temporary_directory();
        CLEANUP(strbuf_done) StrBuf names = { 0 };
        CLEANUP(freep) char *output = path_join(top, "output"), *text = NULL, *command = NULL;

        ck_assert_uint_gt(write_hostile_units(top, &names), 20);
        ck_assert_int_ge(asprintf(&command,
                                         "SYSTEMD_LOG_TARGET=console "
                                         "SYSTEMD_UNIT_PATH='%s:%s/units:' "
                                         "systemd-analyze verify --man=no%s >'%s' 2>&1",
                                         top, getenv("SRCDIR"), strbuf_string(&names), output),
                        0);
        int status = system(command); /* NOLINT(cert-env33-c): names of our own */
        ck_assert_int_eq(read_file_at(AT_FDCWD, output, 1024 * 1024, &text, NULL), 0);
        ck_assert_msg(text[0] == '\0' && status == 0, "%s", text);
}
END_TEST

CHECK_MAIN("hostile", TEST(no_text_of_a_manifest_becomes_a_directive),
                TEST(no_text_of_a_stack_becomes_a_directive), TEST(no_text_is_too_long_for_a_unit),
                TEST(no_list_is_too_long_for_a_line), TEST(systemd_reads_what_was_meant))

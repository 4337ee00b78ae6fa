/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "check_main.h"
#include "file_tree.h"
#include "generator.h"
#include "io.h"

#include <yaml.h>

/* Memory that is exhausted ends the generator cleanly wherever it happens: every allocation of a
 * whole run fails in turn. The linker leads the allocators here (--wrap) for what is linked
 * statically; libyaml is not, so each of its functions that allocates fails as a whole, as it does
 * when memory is exhausted inside of it. */

static unsigned long allocations;
static unsigned long failing = ULONG_MAX; /* the number of the one that fails */

static bool fails(void) {
        return ++allocations == failing;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
int __wrap_asprintf(char **ret, const char *format, ...) PRINTF(2, 3);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

void *__wrap_malloc(size_t size) {
        return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
        return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size) {
        return fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size) {
        return fails() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *s) {
        return fails() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n) {
        return fails() ? NULL : __real_strndup(s, n);
}

int __wrap_asprintf(char **ret, const char *format, ...) {
        va_list ap;

        if (fails())
                return -1;
        va_start(ap, format);
        int n = vasprintf(ret, format, ap);
        va_end(ap);
        return n;
}

int __real_yaml_parser_initialize(yaml_parser_t *parser);
int __real_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __real_yaml_emitter_initialize(yaml_emitter_t *emitter);
int __real_yaml_emitter_emit(yaml_emitter_t *emitter, yaml_event_t *event);
int __wrap_yaml_parser_initialize(yaml_parser_t *parser);
int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __wrap_yaml_emitter_initialize(yaml_emitter_t *emitter);
int __wrap_yaml_emitter_emit(yaml_emitter_t *emitter, yaml_event_t *event);

int __wrap_yaml_parser_initialize(yaml_parser_t *parser) {
        return fails() ? 0 : __real_yaml_parser_initialize(parser);
}

int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event) {
        if (!fails())
                return __real_yaml_parser_parse(parser, event);
        parser->error = YAML_MEMORY_ERROR;
        return 0;
}

int __wrap_yaml_emitter_initialize(yaml_emitter_t *emitter) {
        return fails() ? 0 : __real_yaml_emitter_initialize(emitter);
}

int __wrap_yaml_emitter_emit(yaml_emitter_t *emitter, yaml_event_t *event) {
        if (!fails())
                return __real_yaml_emitter_emit(emitter, event);
        yaml_event_delete(event); /* it owns the event also when it fails */
        return 0;
}

/* --- a run that meets as much of the code as possible --------------------------------------------
 */

static const char stacks[]
                = "name: data\nversion: v1alpha\ntype: stack\n"
                  "stack:\n"
                  "  name: data\n  version: '1.0'\n  flavor: f\n"
                  "  command: [prog]\n  arguments: ['/etc/dataos/config/a.yaml']\n"
                  "  environmentVars: {A: b}\n"
                  "  host: {path: /opt/data}\n"
                  "  workerConfig:\n    configFileTemplate: |\n"
                  "      a.yaml: |\n        {{ toYaml .ApplicationSpec.StackSpec | indent 8 }}\n"
                  "---\nname: bad\ntype: stack\nstack: {nam: x}\n";

static const char manifests[]
                = "name: one\nversion: v1beta\ntype: worker\nworkspace: media\n"
                  "tags: [a, b]\ndescription: text\nowner: me\n"
                  "worker:\n  stack: data\n  stackSpec: {a: {b: [c, 1, 'd']}}\n"
                  "  tags: [c]\n  envs: {A: b, KEY: c}\n  configs: {c.conf: content}\n"
                  "  runAsApiKey: key\n  compute: big\n"
                  "  resources: {requests: {cpu: 2, memory: 1Gi}, limits: {cpu: 1}}\n"
                  "  autoScaling: {maxReplicas: 3, backlog: {plugin: spool, directory: /srv/q}}\n"
                  "  dataosSecrets: [{name: s, keys: [k]}]\n"
                  "  dataosVolumes: [{name: v, directory: /data}]\n"
                  "  topology: [{name: x, doc: 'http://x', dependencies: [two]}]\n"
                  "  highAvailabilityConfig: {level: zone, mode: preferred}\n"
                  "  sandbox: {jit: true, ReadWritePaths: [/srv/rw], bind: ephemeral}\n"
                  "---\n"
                  "name: two\nversion: v1beta\ntype: worker\nworkspace: media\n"
                  "worker:\n  stack: exec\n  stackSpec: {command: [/opt/x, a]}\n"
                  "  dataosVolumes: [{name: w, directory: /data}]\n"
                  "  topology: [{dependencies: [one]}]\n"
                  "---\n"
                  "name: two\nversion: v1beta\ntype: worker\nworkspace: media\nworker: {stack: "
                  "nine}\n"
                  "---\n"
                  "name: three\nversion: v1\ntype: worker\nworker: {a: 1, a: 2, stack: nine}\n"
                  "---\n"
                  "name: five\nversion: v1beta\ntype: worker\n"
                  "worker: {stack: nine, stackSpec: {a: b}}\n"
                  "---\n"
                  "name: six\nversion: v1beta\ntype: worker\n"
                  "worker: {stack: exec, logLevel: loud, sandbox: {SystemCallFilter: [x]}}\n"
                  "---\n"
                  "type: service\n"
                  "---\n"
                  "name: four\nworker: {[x]: *y\n";

static const char drop_in[] = "worker: {replicas: 2}\n";

typedef struct Run {
        Source manifest, stack;
        Source drop_in;
        Generator generator;
        UnitTree tree;
        StrBuf output;
} Run;

static void collect(const Diagnostics *d, void *userdata) {
        Run *r = userdata;
        for (size_t i = 0; i < d->n; i++)
                diagnostic_print(d, &d->items[i], 0, &r->output);
}

static void run_done(Run *r) {
        generator_done(&r->generator);
        unit_tree_done(&r->tree);
        strbuf_done(&r->output);
        source_done(&r->manifest);
        source_done(&r->stack);
        source_done(&r->drop_in);
}

/* The whole path; 0 or -ENOMEM. With a drop-in only the first manifest is taken. */
static int run_all(Run *r, bool with_drop_in) {
        const char *end = with_drop_in ? strstr(manifests, "---\n") : NULL;
        size_t size = end ? (size_t) (end - manifests) : strlen(manifests);
        Generator *g = &r->generator;

        *r = (Run){ .generator
                    = { .sink = collect, .userdata = r, .host = { -1 }, .systemd_version = 252 } };
        int k = source_from_text(&r->manifest, "/etc/workers/a.yaml", manifests, size);
        if (k == 0)
                k = source_from_text(
                                &r->stack, "/etc/workers/stacks/a.yaml", stacks, strlen(stacks));
        if (k == 0)
                k = source_from_text(&r->drop_in, "/etc/workers/a.yaml.d/b.yaml", drop_in,
                                strlen(drop_in));
        if (k == 0)
                k = generator_add_stacks(g, &r->stack);
        if (k == 0)
                k = generator_add_source(
                                g, &r->manifest, &r->drop_in, with_drop_in ? 1 : 0, &r->tree);
        if (k == 0)
                k = generator_add_unreadable(g, "/etc/workers/b.yaml", -EISDIR, &r->tree);
        if (k == 0)
                k = generator_finish(g, &r->tree);
        return k == 0 ? strbuf_error(&r->output) : k;
}

static void append_units(const Run *r, StrBuf *b) {
        for (const UnitFile *f = r->tree.first; f; f = f->next)
                strbuf_printf(b, "== %s\n%s", f->path, f->content);
        strbuf_append(b, strbuf_string(&r->output));
}

static void fail_each_in_turn(bool with_drop_in) {
        CLEANUP(strbuf_done) StrBuf expected = { 0 };
        CLEANUP(run_done) Run whole;

        allocations = 0;
        ck_assert_int_eq(run_all(&whole, with_drop_in), 0);
        unsigned long n = allocations;
        append_units(&whole, &expected);
        ck_assert_uint_gt(n, 100);
        ck_assert_msg(strstr(strbuf_string(&expected), "worker-media.one@.service"), "%.3000s",
                        strbuf_string(&expected));

        for (unsigned long i = 1; i <= n; i++) {
                CLEANUP(run_done) Run r;
                CLEANUP(strbuf_done) StrBuf found = { 0 };
                allocations = 0;
                failing = i;
                int k = run_all(&r, with_drop_in);
                failing = ULONG_MAX;
                if (k == -ENOMEM)
                        continue;
                /* what goes on must not have lost anything */
                append_units(&r, &found);
                ck_assert_msg(k == 0 && STREQ(strbuf_string(&found), strbuf_string(&expected)),
                                "allocation %lu of %lu: %d\n%.3000s", i, n, k,
                                strbuf_string(&found));
        }
}

START_TEST(exhausted_memory_ends_cleanly_wherever_it_happens) {
        fail_each_in_turn(false);
}
END_TEST

START_TEST(exhausted_memory_ends_cleanly_with_drop_ins_too) {
        fail_each_in_turn(true);
}
END_TEST

/* --- the same with files -------------------------------------------------------------------------
 */

static void write_file(int fd, const char *path, const char *text, size_t size) {
        CLEANUP(closep) int file = openat(fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        ck_assert_int_ge(file, 0);
        ck_assert_int_eq(write_all(file, text, size), 0);
}

static int make_root(const char *path) {
        static const char *const directories[] = { "etc", "etc/workers", "etc/workers/stacks",
                "etc/workers/compute", "etc/workers/a.yaml.d", "usr", "usr/lib", "usr/lib/workers",
                "usr/lib/workers/manifests", "etc/workers/c.yaml" };
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
                ck_assert_int_eq(mkdirat(fd, directories[i], 0755), 0);
        write_file(fd, "etc/workers/a.yaml", manifests,
                        (size_t) (strstr(manifests, "---\n") - manifests));
        write_file(fd, "etc/workers/a.yaml.d/b.yaml", drop_in, strlen(drop_in));
        write_file(fd, "usr/lib/workers/manifests/b.yaml", manifests, strlen(manifests));
        write_file(fd, "etc/workers/stacks/s.yaml", stacks, strlen(stacks));
        write_file(fd, "etc/workers/compute/big.conf", "MemoryMax=1G\n", 13);
        return fd;
}

/* A whole run into a new directory "out" of the root, in which the allocation of that number fails;
 * what was told is appended. Check allocates, too, so nothing is asserted meanwhile. */
static int run_on(int root_fd, unsigned long number, StrBuf *told) {
        Run r = { 0 };
        CLEANUP(freep) char *path = NULL;

        ck_assert_int_eq(mkdirat(root_fd, "out", 0755), 0);
        CLEANUP(closep) int out = openat(root_fd, "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r.generator = (Generator){
                .sink = collect, .userdata = &r, .host = { root_fd }, .systemd_version = 252
        };
        allocations = 0;
        failing = number;
        int k = generator_load_stacks(&r.generator, root_fd);
        if (k == 0)
                k = generator_run(&r.generator, root_fd, out, &path);
        if (k == 0)
                k = strbuf_error(&r.output);
        failing = ULONG_MAX;
        if (k == 0)
                strbuf_append(told, strbuf_string(&r.output));
        run_done(&r);
        return k;
}

static void append_tree(const char *root, StrBuf *b) {
        CLEANUP(file_tree_done) FileTree t = { 0 };
        CLEANUP(freep) char *out = path_join(root, "out");
        CLEANUP(strbuf_done) StrBuf command = { 0 };

        ck_assert_int_eq(file_tree_read(out, &t), 0);
        for (size_t i = 0; i < t.n; i++)
                strbuf_printf(b, "== %s\n%s", t.files[i].path, t.files[i].content);
        strbuf_printf(&command, "rm -r '%s'", out);
        ck_assert_int_eq(system(strbuf_string(&command)), 0); /* NOLINT(cert-env33-c): our own */
}

START_TEST(exhausted_memory_ends_a_run_on_files_cleanly) {
        CLEANUP(remove_temporary_directoryp) char *root = make_temporary_directory();
        CLEANUP(closep) int fd = make_root(root);
        CLEANUP(strbuf_done) StrBuf expected = { 0 };

        ck_assert_int_eq(run_on(fd, ULONG_MAX, &expected), 0);
        unsigned long n = allocations;
        append_tree(root, &expected);
        ck_assert_msg(strstr(strbuf_string(&expected), "MemoryMax=1G"), "%.3000s",
                        strbuf_string(&expected));

        for (unsigned long i = 1; i <= n; i++) {
                CLEANUP(strbuf_done) StrBuf found = { 0 };
                int k = run_on(fd, i, &found);
                append_tree(root, &found);
                ck_assert_msg(k == -ENOMEM
                                                || (k == 0
                                                                && STREQ(strbuf_string(&found),
                                                                                strbuf_string(&expected))),
                                "allocation %lu of %lu: %d\n%.3000s", i, n, k,
                                strbuf_string(&found));
        }
}
END_TEST

CHECK_MAIN("allocation", TEST(exhausted_memory_ends_cleanly_wherever_it_happens),
                TEST(exhausted_memory_ends_cleanly_with_drop_ins_too),
                TEST(exhausted_memory_ends_a_run_on_files_cleanly))

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox.h"

#include <stdio.h>

#include "command.h"
#include "credentials.h"
#include "emit-parts.h"
#include "sandbox-tables.h"
#include "stream-filter.h"
#include "unit-file.h"
#include "worker-filter.h"

const Relaxation *relaxation_find(const Manifest *m, const char *name) {
        for (const Relaxation *x = m->relaxations; x; x = x->next)
                if (STREQ(x->name, name))
                        return x;
        return NULL;
}

const char *relaxation_value(const Manifest *m, const char *name) {
        const Relaxation *x = relaxation_find(m, name);
        return x && x->values.first ? x->values.first->text : NULL;
}

bool relaxation_is(const Manifest *m, const char *name, const char *value) {
        const char *v = relaxation_value(m, name);
        return v && STREQ(v, value);
}

bool has_user_per_instance(const Manifest *m) {
        return relaxation_is(m, "user", "instance");
}

/* The manifest may take back what its stack asks for. */
static bool needs_jit(const Worker *w) {
        const char *jit = relaxation_value(w->manifest, "jit");
        return jit ? STREQ(jit, "true")
                   : w->stack->jit && !relaxation_value(w->manifest, "MemoryDenyWriteExecute");
}

bool sandbox_is_streams_only(const Manifest *m) {
        return relaxation_is(m, "network", "tcp");
}

/* What a sandbox hangs on, gathered once. */
typedef struct Context {
        const Manifest *manifest; /* NULL: a plugin */
        bool network;
        bool streams; /* of the network only those */
        bool bind;
        bool launcher;
        bool jit;
        bool jit_of_stack;
        unsigned systemd_version; /* of the host that reads the unit */
        FilterText *filters;
        StrBuf *b;
} Context;

static void comment_relaxation(const Context *c, const Relaxation *x) {
        char line[16];

        (void) snprintf(line, sizeof(line), "%u", x->mark.line);
        unit_comment(c->b, "relaxed: sandbox.", x->name, ", ", c->manifest->source->path, ":", line,
                        NULL);
}

/* --- single directives ----------------------------------------------------------------------- */

/* The value that the manifest or its stack gives a directive, NULL for the default. */
static const char * override(const Context *c, const Directive *d) {
        if (STREQ(d->name, "MemoryDenyWriteExecute") && c->jit) {
                if (c->jit_of_stack)
                        unit_comment(c->b, "relaxed: the stack's runtime compiles to memory", NULL);
                else
                        comment_relaxation(c, relaxation_find(c->manifest, "jit"));
                return "no";
        }

        const Relaxation *x = c->manifest ? relaxation_find(c->manifest, d->name) : NULL;
        if (!x || !x->values.first)
                return NULL;

        const char *value = x->values.first->text;
        if (STREQ(value, "true") || STREQ(value, d->value))
                return NULL;
        comment_relaxation(c, x);
        return STREQ(value, "false") ? "no" : value;
}

static void emit_directives(const Context *c, const Directive *table, size_t n) {
        for (size_t i = 0; i < n; i++) {
                const Directive *d = &table[i];
                if ((d->when == WITH_NETWORK && !c->network)
                                || (d->when == WITHOUT_NETWORK && c->network))
                        continue;
                const char *value = d->relaxable ? override(c, d) : NULL;
                unit_set(c->b, d->name, value ? value : d->value);
        }
}

/* --- address families, addresses, system calls ----------------------------------------------- */

static void emit_list(const Context *c, const char *directive, const char *relaxation) {
        const Relaxation *x = c->manifest ? relaxation_find(c->manifest, relaxation) : NULL;
        if (!x || x->values.n == 0)
                return;

        comment_relaxation(c, x);
        strbuf_printf(c->b, "%s=", directive);
        for (const Item *i = x->values.first; i; i = i->next)
                strbuf_printf(c->b, "%s%s", i->text, i->next ? " " : "\n");
}

static void emit_network(const Context *c) {
        if (!c->network)
                unit_set(c->b, "IPAddressDeny", "any");
        else if (c->manifest && relaxation_find(c->manifest, "IPAddressAllow")) {
                unit_set(c->b, "IPAddressDeny", "any");
                emit_list(c, "IPAddressAllow", "IPAddressAllow");
        }
        emit_list(c, "RestrictAddressFamilies", "RestrictAddressFamilies");
}

static void write_filter(FilterStage stage, unsigned systemd_version, StrBuf *b) {
        for (size_t i = 0; i < worker_filter_size; i++) {
                const FilterLine *l = &worker_filter[i];
                CLEANUP(strbuf_done) StrBuf value = { 0 }, unknown = { 0 };

                if (l->stage != stage || (l->until > 0 && systemd_version >= l->until))
                        continue;
                filter_line_print(l, systemd_version, &value, &unknown);
                strbuf_inherit(b, &value);
                strbuf_inherit(b, &unknown);
                if (unknown.len > 0)
                        unit_comment(b, "left out, not known on this host: ",
                                        strbuf_string(&unknown), NULL);
                if (value.len > 0)
                        unit_set(b, "SystemCallFilter", strbuf_string(&value));
        }
}

void filter_text_done(FilterText *t) {
        for (size_t i = 0; i < _FILTER_STAGE_MAX; i++)
                strbuf_done(&t->stages[i]);
}

static void emit_filter(const Context *c, FilterStage stage) {
        StrBuf *text = &c->filters->stages[stage];

        if (text->len == 0)
                write_filter(stage, c->systemd_version, text);
        strbuf_append_n(c->b, strbuf_string(text), text->len);
        strbuf_inherit(c->b, text);
}

/* What a manifest names is known to libseccomp, as it was checked; of groups a newer systemd has
 * more, which the check has told. */
static bool is_usable(const Context *c, const char *name) {
        name += name[0] == '~';
        return name[0] != '@' || syscall_group_is_known(name, c->systemd_version);
}

static void emit_system_calls(const Context *c) {
        const Relaxation *x = c->manifest ? relaxation_find(c->manifest, "SystemCallFilter") : NULL;

        emit_filter(c, FILTER_BASE);
        if (c->launcher)
                emit_filter(c, FILTER_LAUNCHER);
        if (c->manifest && relaxation_is(c->manifest, "LockPersonality", "false"))
                unit_set(c->b, "SystemCallFilter", "personality");
        if (x && x->values.n > 0) {
                comment_relaxation(c, x);
                for (const Item *i = x->values.first; i; i = i->next)
                        if (is_usable(c, i->text))
                                unit_set(c->b, "SystemCallFilter", i->text);
        }
        emit_filter(c, FILTER_INGRESS);
        if (c->bind)
                comment_relaxation(c, relaxation_find(c->manifest, "bind"));
        else
                emit_filter(c, FILTER_BIND);
}

/* --- file system ----------------------------------------------------------------------------- */

static bool is_below_usr(const char *path) {
        static const char *const system[] = { "/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/" };

        if (path[0] != '/')
                return true; /* systemd looks it up in its path, which is below /usr */
        for (size_t i = 0; i < ARRAY_SIZE(system); i++)
                if (startswith(path, system[i]))
                        return true;
        return false;
}

static void emit_paths(const Context *c, const char *directive, const char *prefix, const List *l) {
        if (!l || l->n == 0)
                return;
        strbuf_printf(c->b, "%s=", directive);
        for (const Item *i = l->first; i; i = i->next) {
                CLEANUP(strbuf_done) StrBuf path = { 0 };
                strbuf_printf(&path, "%s%s", prefix, i->text);
                strbuf_inherit(c->b, &path); /* an empty path would reset the list */
                unit_word(c->b, strbuf_string(&path));
                strbuf_append_char(c->b, i->next ? ' ' : '\n');
        }
}

static const List *path_relaxation(const Context *c, const char *name) {
        const Relaxation *x = c->manifest ? relaxation_find(c->manifest, name) : NULL;
        if (!x || x->values.n == 0)
                return NULL;
        comment_relaxation(c, x);
        return &x->values;
}

/* Whether path is the directory or something below it. */
static bool is_within(const char *path, const char *directory) {
        size_t n = strlen(directory);
        return startswith(path, directory) && (path[n] == '/' || path[n] == '\0');
}

static bool any_within(const List *l, const char *directory) {
        for (const Item *i = l->first; i; i = i->next)
                if (is_within(i->text, directory))
                        return true;
        return false;
}

/* A home directory that is bound must not be made inaccessible above the bind. */
static bool needs_home(const Context *c, const char *program, const char *script) {
        static const char *const homes[] = { "/home", "/root", "/run/user" };
        static const char *const names[] = { "ReadWritePaths", "ReadOnlyPaths", "ExecPaths" };

        for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
                if ((program && is_within(program, homes[i]))
                                || (script && is_within(script, homes[i])))
                        return true;
                for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
                        const Relaxation *x = c->manifest ? relaxation_find(c->manifest, names[k])
                                                          : NULL;
                        if (x && any_within(&x->values, homes[i]))
                                return true;
                }
        }
        return false;
}

/* systemd 252 mounts for "tmpfs" what all can write to and execute. What is read-only takes the
 * place of these mounts. */
static void emit_homes(const Context *c, bool needed) {
        unit_set(c->b, "ProtectHome", needed ? "tmpfs" : "yes");
        if (needed)
                unit_set(c->b, "ReadOnlyPaths", "-+/home -+/root -+/run/user");
}

static void emit_list_of_paths(
                const Context *c, const char *relaxation, const char *bind, const char *exec) {
        const List *paths = path_relaxation(c, relaxation);
        emit_paths(c, bind, "", paths);
        emit_paths(c, exec, "+", paths);
}

static void emit_private_root(const Context *c) {
        unit_set(c->b, "RootDirectory", PRIVATE_ROOT);
        emit_directives(c, private_root_directives, private_root_directives_size);
}

/* A root of its own holds its programs anywhere, so only what can be written is not executable. */
static void emit_own_root(const Context *c, const Worker *w) {
        if (w->root_image)
                unit_verbatim(c->b, "RootImage", w->root_image);
        else
                unit_verbatim(c->b, "RootDirectory", w->root_directory);
        emit_directives(c, own_root_directives, own_root_directives_size);
        if (w->launcher) {
                unit_set(c->b, "BindReadOnlyPaths",
                                WORKERSDIR "/worker-exec:" LAUNCHER_IN_OWN_ROOT);
                unit_set(c->b, "ExecPaths", "+" LAUNCHER_IN_OWN_ROOT);
        }
}

static void emit_path(
                const Context *c, const char *directive, const char *prefix, const char *path) {
        Item item = { .text = path };
        emit_paths(c, directive, prefix, &(List){ .first = &item, .last = &item, .n = 1 });
}

/* program and script: what the command names, NULL where there is nothing to bind. */
static void emit_file_system(const Context *c, const char *program, const char *script) {
        emit_directives(c, file_system_directives, file_system_directives_size);
        emit_homes(c, needs_home(c, program, script));
        if (program && !is_below_usr(program)) {
                emit_path(c, "BindReadOnlyPaths", "", program);
                emit_path(c, "ExecPaths", "+", program);
        }
        if (script && !is_below_usr(script))
                emit_path(c, "BindReadOnlyPaths", "", script);
        emit_list_of_paths(c, "ReadWritePaths", "BindPaths", "NoExecPaths");
        emit_list_of_paths(c, "ReadOnlyPaths", "BindReadOnlyPaths", "NoExecPaths");
        emit_list_of_paths(c, "ExecPaths", "BindReadOnlyPaths", "ExecPaths");
}

/* Beside the unit, and not in worker-ID.d, which is for root only as keys are in it. */
static void filter_path(const Worker *w, StrBuf *b) {
        strbuf_append_all(b, "worker-", w->names.id, ".filter", NULL);
}

static void emit_stream_filter(const Context *c, const Worker *w) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };

        strbuf_append(&path, GENERATED_DIRECTORY "/");
        filter_path(w, &path);
        strbuf_append(&path, ":" FILTER_IN_SANDBOX ":norbind");
        strbuf_inherit(c->b, &path);
        unit_comment(c->b, "tightened: sandbox.network, the launcher loads it", NULL);
        unit_set(c->b, "BindReadOnlyPaths", strbuf_string(&path));
}

void sandbox_emit(const Worker *w, StrBuf *b) {
        const Manifest *m = w->manifest;
        Context c = {
                .manifest = m,
                .network = !relaxation_is(m, "network", "none"),
                .streams = sandbox_is_streams_only(m),
                .bind = relaxation_is(m, "bind", "ephemeral"),
                .launcher = w->launcher,
                .jit = needs_jit(w),
                .jit_of_stack = w->stack->jit && !relaxation_value(m, "jit"),
                .systemd_version = w->systemd_version,
                .filters = w->filters,
                .b = b,
        };

        unit_comment(b, "sandbox: ",
                        !c.network  ? "no network"
                        : c.streams ? "outbound TCP"
                                    : "outbound network",
                        ", no ingress; see worker.manifest(5)", NULL);
        emit_directives(&c, directives, directives_size);
        emit_network(&c);
        emit_system_calls(&c);
        if (has_own_root(w))
                emit_own_root(&c, w);
        else
                emit_private_root(&c);
        emit_file_system(&c, has_own_root(w) ? NULL : command_program(w),
                        has_own_root(w) ? NULL : command_script(w));
        if (c.streams)
                emit_stream_filter(&c, w);
        if (!w->landlock && relaxation_find(m, "landlock"))
                comment_relaxation(&c, relaxation_find(m, "landlock"));
}

int sandbox_add_filter(const Worker *w, UnitTree *tree) {
        CLEANUP(bpf_program_done) BpfProgram program = { 0 };
        CLEANUP(strbuf_done) StrBuf path = { 0 }, content = { 0 };

        if (!sandbox_is_streams_only(w->manifest))
                return 0;
        int r = stream_filter_compile(&program);
        if (r < 0)
                return r;
        filter_path(w, &path);
        strbuf_append_n(&content, (const char *) program.code,
                        program.n * sizeof(struct sock_filter));
        r = strbuf_error(&path);
        return r < 0 ? r : unit_tree_add(tree, strbuf_string(&path), 0644, &content);
}

void sandbox_emit_plugin(const Worker *w, bool network, const char *const *paths, size_t n_paths,
                StrBuf *b) {
        const Context c = { .network = network,
                .systemd_version = w->systemd_version,
                .filters = w->filters,
                .b = b };

        emit_directives(&c, directives, directives_size);
        emit_network(&c);
        emit_system_calls(&c);
        emit_private_root(&c);
        emit_file_system(&c, NULL, NULL);
        for (size_t i = 0; i < n_paths; i++)
                emit_path(&c, "BindReadOnlyPaths", "-", paths[i]);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox.h"

#include "sandbox-tables.h"
#include "unit-file.h"

static const Relaxation *relaxation_find(const Manifest *m, const char *name) {
        for (const Relaxation *x = m->relaxations; x; x = x->next)
                if (STREQ(x->name, name))
                        return x;
        return NULL;
}

const char *relaxation_value(const Manifest *m, const char *name) {
        const Relaxation *x = relaxation_find(m, name);
        return x && x->values.first ? x->values.first->text : NULL;
}

static bool has_value(const Manifest *m, const char *name, const char *value) {
        const char *v = relaxation_value(m, name);
        return v && STREQ(v, value);
}

/* What a sandbox hangs on, gathered once. */
typedef struct Context {
        const Manifest *manifest; /* NULL: a plugin */
        bool network;
        bool bind;
        bool jit;
        bool jit_of_stack;
        StrBuf *b;
} Context;

static void comment_relaxation(const Context *c, const Relaxation *x) {
        unit_comment(c->b, "relaxed: sandbox.%s, %s:%u", x->name, c->manifest->source->path,
                        x->mark.line);
}

/* --- single directives ----------------------------------------------------------------------- */

/* The value that the manifest or its stack gives a directive, NULL for the default. */
static const char * override(const Context *c, const Directive *d) {
        if (STREQ(d->name, "MemoryDenyWriteExecute") && c->jit) {
                if (c->jit_of_stack)
                        unit_comment(c->b, "relaxed: the stack's runtime compiles to memory");
                else
                        comment_relaxation(c, relaxation_find(c->manifest, "jit"));
                return "no";
        }

        const Relaxation *x = c->manifest ? relaxation_find(c->manifest, d->name) : NULL;
        if (!x || !x->values.first)
                return NULL;

        const char *value = x->values.first->text;
        if (STREQ(value, "true"))
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

static void emit_system_calls(const Context *c) {
        const Relaxation *x = c->manifest ? relaxation_find(c->manifest, "SystemCallFilter") : NULL;

        unit_set(c->b, "SystemCallFilter", "@system-service");
        unit_set(c->b, "SystemCallFilter", "~@privileged @resources @keyring");
        for (size_t i = 0; i < denied_syscalls_size; i++)
                unit_set(c->b, "SystemCallFilter", denied_syscalls[i]);
        if (x) {
                comment_relaxation(c, x);
                for (const Item *i = x->values.first; i; i = i->next)
                        unit_set(c->b, "SystemCallFilter", i->text);
        }

        /* last, so that nothing above can bring them back */
        unit_set(c->b, "SystemCallFilter",
                        "~listen accept accept4 io_uring_setup io_uring_enter io_uring_register");
        if (c->bind)
                comment_relaxation(c, relaxation_find(c->manifest, "bind"));
        else
                unit_set(c->b, "SystemCallFilter", "~bind");
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
                unit_word(c->b, strbuf_string(&path));
                strbuf_append_char(c->b, i->next ? ' ' : '\n');
        }
        if (strbuf_error(c->b) < 0)
                return;
}

static const List *path_relaxation(const Context *c, const char *name) {
        const Relaxation *x = c->manifest ? relaxation_find(c->manifest, name) : NULL;
        if (!x || x->values.n == 0)
                return NULL;
        comment_relaxation(c, x);
        return &x->values;
}

static bool any_below(const List *l, const char *directory) {
        for (const Item *i = l ? l->first : NULL; i; i = i->next)
                if (startswith(i->text, directory))
                        return true;
        return false;
}

/* A home directory that is bound must not be made inaccessible above the bind. */
static bool needs_home(const Context *c, const char *command) {
        static const char *const homes[] = { "/home/", "/root/", "/run/user/" };
        static const char *const names[] = { "ReadWritePaths", "ReadOnlyPaths", "ExecPaths" };

        for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
                if (startswith(command, homes[i]))
                        return true;
                for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
                        const Relaxation *x = c->manifest ? relaxation_find(c->manifest, names[k])
                                                          : NULL;
                        if (x && any_below(&x->values, homes[i]))
                                return true;
                }
        }
        return false;
}

static void emit_file_system(const Context *c, const Stack *stack, const char *command) {
        List program = { 0 };
        Item item = { .text = command };
        bool outside = !is_below_usr(command) && !stack->root_directory && !stack->root_image;

        if (outside)
                program = (List){ .first = &item, .last = &item, .n = 1 };

        if (stack->root_image)
                unit_text(c->b, "RootImage", stack->root_image);
        else
                unit_text(c->b, "RootDirectory",
                                stack->root_directory ? stack->root_directory : PRIVATE_ROOT);
        if (!stack->root_image && !stack->root_directory)
                unit_set(c->b, "BindReadOnlyPaths", "/usr:/usr:norbind /etc:/etc:norbind");
        emit_directives(c, file_system_directives, file_system_directives_size);
        if (needs_home(c, command))
                unit_set(c->b, "ProtectHome", "tmpfs");
        else
                unit_set(c->b, "ProtectHome", "yes");

        emit_paths(c, "BindReadOnlyPaths", "", &program);
        emit_paths(c, "ExecPaths", "+", &program);

        const List *paths = path_relaxation(c, "ReadWritePaths");
        emit_paths(c, "BindPaths", "", paths);
        emit_paths(c, "NoExecPaths", "+", paths);
        paths = path_relaxation(c, "ReadOnlyPaths");
        emit_paths(c, "BindReadOnlyPaths", "", paths);
        emit_paths(c, "NoExecPaths", "+", paths);
        paths = path_relaxation(c, "ExecPaths");
        emit_paths(c, "BindReadOnlyPaths", "", paths);
        emit_paths(c, "ExecPaths", "+", paths);
}

void sandbox_emit(const Manifest *m, const Stack *stack, const char *command, StrBuf *b) {
        Context c = {
                .manifest = m,
                .network = !has_value(m, "network", "none"),
                .bind = has_value(m, "bind", "ephemeral"),
                .jit = stack->jit || has_value(m, "jit", "true"),
                .jit_of_stack = stack->jit && !has_value(m, "jit", "true"),
                .b = b,
        };

        unit_comment(b, "sandbox: %s network, no ingress; see worker.manifest(5)",
                        c.network ? "outbound" : "no");
        emit_directives(&c, directives, directives_size);
        emit_network(&c);
        emit_system_calls(&c);
        emit_file_system(&c, stack, command);
}

void sandbox_emit_plugin(bool network, const char *const *paths, size_t n_paths, StrBuf *b) {
        static const Stack nothing = { 0 };
        const Context c = { .network = network, .b = b };

        emit_directives(&c, directives, directives_size);
        emit_network(&c);
        emit_system_calls(&c);
        emit_file_system(&c, &nothing, "/usr/");
        for (size_t i = 0; i < n_paths; i++) {
                List l = { 0 };
                Item item = { .text = paths[i] };
                l = (List){ .first = &item, .last = &item, .n = 1 };
                emit_paths(&c, "BindReadOnlyPaths", "-", &l);
        }
}

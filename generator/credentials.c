/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "credentials.h"

#include <errno.h>
#include <limits.h>

#include "config-template.h"
#include "emit-parts.h"
#include "sandbox.h"
#include "text.h"
#include "unit-file.h"

#define STORE           "/etc/credstore/workers"
#define ENCRYPTED_STORE "/etc/credstore.encrypted/workers"
#define API_KEY_ID      "DATAOS_RUN_AS_APIKEY"

enum { CREDENTIALS_SIZE_MAX = 1024 * 1024 };

/* What gathering needs at hand. */
typedef struct Gather {
        Worker *w;
        const Host *host;
        Arena *arena;
        Diagnostics *d;
} Gather;

static char *format(Arena *arena, const char *f, ...) PRINTF(2, 3);

static char *format(Arena *arena, const char *f, ...) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        va_list ap;

        va_start(ap, f);
        strbuf_vprintf(&b, f, ap);
        va_end(ap);
        return strbuf_error(&b) < 0 ? NULL : arena_strdup(arena, strbuf_string(&b));
}

static int add(Gather *g, const char *id, const char *path, bool encrypted, Mark mark) {
        Worker *w = g->w;

        if (!id || !path)
                return -ENOMEM;
        if (strlen(id) > NAME_MAX) { /* systemd ignores one that can't be the name of a file */
                diagnose_error(g->d, "E-FILE-NAME", mark,
                                "'%s' is longer than a file name can be: %d bytes are the limit",
                                id, NAME_MAX);
                return 0;
        }
        for (const Credential *i = w->credentials; i; i = i->next)
                if (STREQ(i->id, id)) {
                        diagnose_error(g->d, "E-FILE-NAME", mark,
                                        "'%s' is there already: configuration files and secrets "
                                        "share one directory; rename one of them",
                                        id);
                        return 0;
                }

        Credential *c = arena_new(g->arena, Credential);
        if (!c)
                return -ENOMEM;
        *c = (Credential){ .id = id, .path = path, .encrypted = encrypted };
        if (w->last_credential)
                w->last_credential->next = c;
        else
                w->credentials = c;
        w->last_credential = c;
        return 0;
}

/* A file that the generator writes itself. */
static int add_generated(Gather *g, Item item) {
        char *path = format(
                        g->arena, GENERATED_DIRECTORY "/worker-%s.d/%s", g->w->names.id, item.name);

        int r = list_append(&g->w->files, g->arena, item);
        return r < 0 ? r : add(g, item.name, path, false, item.name_mark);
}

/* --- configuration --------------------------------------------------------------------------- */

static int gather_stack_files(Gather *g) {
        List files = { 0 };
        int r = 0;

        if (g->w->stack->command_from_spec)
                return 0;

        r = config_files(g->w->manifest, g->w->stack, g->arena, g->d, &files);
        for (const Item *i = files.first; r == 0 && i; i = i->next)
                if (i->name[0] == '\0' || i->name[0] == '.' || strpbrk(i->name, "/: \t\n\\%"))
                        diagnose_error(g->d, "E-TEMPLATE", i->mark,
                                        "'%s' of stack '%s' can't be the name of a file: correct "
                                        "its configFileTemplate",
                                        i->name, g->w->stack->name);
                else
                        r = add_generated(g, *i);
        return r;
}

/* "configs": a path, or, when nothing beside the manifest has that name, the content itself. */
static int gather_config(Gather *g, const Item *i) {
        const char *manifest = g->w->manifest->source->path;
        const char *slash = strrchr(manifest, '/');
        int directory = slash ? (int) (slash - manifest) : 0;
        const char *path = i->text, *below = i->text;

        while (startswith(below, "./"))
                below += 2;
        if (i->text[0] != '/')
                path = format(g->arena, "%.*s/%s", directory, manifest, below);
        if (!path)
                return -ENOMEM;
        if (!strchr(i->text, '/')
                        && (i->text[0] == '\0' || strchr(i->text, '\n')
                                        || !host_has(g->host, path)))
                return add_generated(g, *i);

        /* systemd ignores a credential whose path it does not like */
        if (!path_is_plain(path) || endswith(path, "/") || !text_is_one_value(path)) {
                diagnose_error(g->d, "E-PATH", i->mark,
                                "'%s' is not the path of a file: expected one without '.', '..', "
                                "':', '\\' and '\"'",
                                i->text);
                return 0;
        }
        return add(g, i->name, path, false, i->name_mark);
}

/* --- secrets --------------------------------------------------------------------------------- */

/* One entry of the store: the encrypted one wins. name is SECRET, SECRET/KEY or the like. */
static int gather_stored(
                Gather *g, const char *workspace, const char *name, const char *id, Mark mark) {
        char *encrypted = format(g->arena, ENCRYPTED_STORE "/%s/%s", workspace, name);
        char *plain = format(g->arena, STORE "/%s/%s", workspace, name);

        if (!encrypted || !plain)
                return -ENOMEM;
        if (host_has(g->host, encrypted))
                return add(g, id, encrypted, true, mark);
        if (!host_has(g->host, plain))
                diagnose_warning(g->d, "W-NO-SECRET", mark,
                                "'%s' is not there yet: instances fail to start until it is",
                                plain);
        return add(g, id, plain, false, mark);
}

static Consumption consumption_of(const Worker *w, const Secret *s) {
        return s->consumption == CONSUMPTION_DEFAULT ? w->stack->secret_projection : s->consumption;
}

static int gather_secret(Gather *g, const Secret *s) {
        const char *workspace = s->workspace ? s->workspace : g->w->manifest->workspace;
        int r = 0;

        if (consumption_of(g->w, s) != CONSUMPTION_FILE)
                g->w->launcher = true;
        if (s->all_keys)
                return gather_stored(g, workspace, s->name, s->name, s->mark);
        for (const Item *k = s->keys.first; r == 0 && k; k = k->next) {
                char *name = format(g->arena, "%s/%s", s->name, k->text);
                char *id = format(g->arena, "%s_%s", s->name, k->text);
                r = name && id ? gather_stored(g, workspace, name, id, k->mark) : -ENOMEM;
        }
        return r;
}

/* The launcher tells the keys of a secret by their prefix, so no prefix may hold another. */
static void check_prefixes(const Gather *g) {
        for (const Secret *a = g->w->manifest->secrets; a; a = a->next)
                for (const Secret *b = g->w->manifest->secrets; b; b = b->next) {
                        size_t n = strlen(a->name);
                        if (a != b && startswith(b->name, a->name) && b->name[n] == '_'
                                        && a->all_keys)
                                diagnose_error(g->d, "E-SECRET", b->mark,
                                                "keys of '%s' can't be told from those of '%s': "
                                                "name the keys of the latter, or rename one",
                                                b->name, a->name);
                }
}

static int gather_api_key(Gather *g) {
        const Manifest *m = g->w->manifest;

        if (!m->api_key)
                return 0;
        if (m->api_key[strspn(m->api_key, "*")] == '\0')
                return gather_stored(g, m->workspace, API_KEY_ID, API_KEY_ID, m->api_key_mark);
        return add_generated(g, (Item){
                                                .name = API_KEY_ID,
                                                .text = m->api_key,
                                                .mark = m->api_key_mark,
                                                .name_mark = m->api_key_mark,
                                });
}

/* --- depots ---------------------------------------------------------------------------------- */

/* There is no Depot service here: an address "dataos://DEPOT…" is passed on as it is, and the keys
 * that an administrator put into the store for that depot come with it. */
static int gather_depot(Gather *g, const Node *n) {
        static const char scheme[] = "dataos://";
        const char *depot = n->text + strlen(scheme);
        size_t size = strspn(depot, "abcdefghijklmnopqrstuvwxyz0123456789-_");

        if (!startswith(n->text, scheme) || size == 0)
                return 0;
        char *id = arena_strndup(g->arena, depot, size);
        char *encrypted = format(g->arena, ENCRYPTED_STORE "/depots/%.*s", (int) size, depot);
        char *plain = format(g->arena, STORE "/depots/%.*s", (int) size, depot);
        if (!id || !encrypted || !plain)
                return -ENOMEM;

        for (const Credential *i = g->w->credentials; i; i = i->next)
                if (STREQ(i->id, id))
                        return 0; /* another address of the same depot */
        if (host_has_directory(g->host, encrypted))
                return add(g, id, encrypted, true, n->mark);
        return host_has_directory(g->host, plain) ? add(g, id, plain, false, n->mark) : 0;
}

static int gather_depots(Gather *g) {
        const Node *spec = g->w->manifest->stack_spec;
        int r = 0;

        if (!spec || !g->w->stack->has_addresses)
                return 0;
        NodeWalk w = node_walk(spec);
        for (const Node *n; r == 0 && (n = node_walk_next(&w));)
                if (n->kind == NODE_SCALAR)
                        r = gather_depot(g, n);
        return r;
}

/* An instance whose credentials are larger does not start: systemd.exec(5). What comes from the
 * store is not looked at. */
static void check_size(const Gather *g) {
        const Manifest *m = g->w->manifest;
        size_t size = 0;

        for (const Item *i = g->w->files.first; i; i = i->next)
                size += strlen(i->text);
        if (size > CREDENTIALS_SIZE_MAX)
                diagnose_error(g->d, "E-LIMIT",
                                m->stack_spec_given ? m->stack_spec_mark : m->stack_mark,
                                "configuration files and keys have %zu bytes together: %d are the "
                                "limit of systemd; name a file in 'sandbox.ReadOnlyPaths' instead",
                                size, CREDENTIALS_SIZE_MAX);
}

int credentials_prepare(Worker *w, const Host *host, Arena *arena, Diagnostics *d) {
        Gather g = { .w = w, .host = host, .arena = arena, .d = d };

        int r = gather_stack_files(&g);
        for (const Item *i = w->manifest->configs.first; r == 0 && i; i = i->next)
                r = gather_config(&g, i);
        for (const Secret *s = w->manifest->secrets; r == 0 && s; s = s->next)
                r = gather_secret(&g, s);
        if (r == 0)
                r = gather_api_key(&g);
        if (r == 0)
                r = gather_depots(&g);
        check_prefixes(&g);
        check_size(&g);
        return r;
}

/* --- emission -------------------------------------------------------------------------------- */

void credentials_emit(const Worker *w, StrBuf *b) {
        for (const Credential *c = w->credentials; c; c = c->next) {
                CLEANUP(strbuf_done) StrBuf value = { 0 };
                strbuf_printf(&value, "%s:%s", c->id, c->path);
                strbuf_inherit(b, &value);
                unit_verbatim(b, c->encrypted ? "LoadCredentialEncrypted" : "LoadCredential",
                                strbuf_string(&value));
        }
        /* property files are made by the launcher, in memory */
        for (const Secret *s = w->manifest->secrets; s; s = s->next)
                if (consumption_of(w, s) == CONSUMPTION_PROPERTY_FILE) {
                        unit_set(b, "TemporaryFileSystem",
                                        PROPERTY_DIRECTORY
                                        ":mode=1777,size=2M,nosuid,nodev,noexec");
                        break;
                }
}

static void append_option(const char *option, const Secret *s, const char *key, StrBuf *b) {
        CLEANUP(strbuf_done) StrBuf word = { 0 };
        strbuf_printf(&word, "%s=%s%s%s", option, s->name, key ? ":" : "", key ? key : "");
        strbuf_append_char(b, ' ');
        strbuf_inherit(b, &word);
        unit_command_word(b, strbuf_string(&word));
}

const char *launcher_path(const Worker *w) {
        return has_own_root(w) ? LAUNCHER_IN_OWN_ROOT : WORKERSDIR "/worker-exec";
}

void launcher_emit(const Worker *w, StrBuf *b) {
        unit_command_word(b, launcher_path(w));
        for (const Secret *s = w->manifest->secrets; s; s = s->next) {
                Consumption c = consumption_of(w, s);
                if (c == CONSUMPTION_FILE)
                        continue;
                const char *option = c == CONSUMPTION_PROPERTY_FILE ? "--property-file"
                                                                    : "--environment";
                if (s->all_keys)
                        append_option(option, s, NULL, b);
                for (const Item *k = s->all_keys ? NULL : s->keys.first; k; k = k->next)
                        append_option(option, s, k->text, b);
        }
        if (w->landlock)
                strbuf_append(b, " --landlock");
        if (sandbox_is_streams_only(w->manifest))
                strbuf_append(b, " --filter=" FILTER_IN_SANDBOX);
        strbuf_append(b, " --");
}

int credentials_add_files(const Worker *w, UnitTree *tree) {
        int r = 0;

        for (const Item *i = w->files.first; r == 0 && i; i = i->next) {
                CLEANUP(strbuf_done) StrBuf path = { 0 }, text = { 0 };
                strbuf_printf(&path, "worker-%s.d/%s", w->names.id, i->name);
                strbuf_append(&text, i->text);
                r = strbuf_error(&path);
                if (r == 0)
                        r = unit_tree_add(tree, strbuf_string(&path), 0600, &text);
        }
        return r;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stack.h"

#include <ctype.h>
#include <errno.h>

#include "text.h"

/* --- reading --------------------------------------------------------------------------------- */

#define ATTRIBUTE(function, statement)                                                             \
        static void function(Reader *r, const Value *v) {                                          \
                Stack *s = r->stack;                                                               \
                statement;                                                                         \
        }

ATTRIBUTE(host_path, s->host_path = v->string)
ATTRIBUTE(host_root_directory, s->root_directory = v->string)
ATTRIBUTE(host_root_image, s->root_image = v->string)
ATTRIBUTE(host_command_from_spec, s->command_from_spec = v->boolean)
ATTRIBUTE(host_image_from_spec, s->image_from_spec = v->boolean)
ATTRIBUTE(host_log_prefix, s->log_prefix = v->boolean)
ATTRIBUTE(host_notify, s->notify = v->boolean)
ATTRIBUTE(host_jit, s->jit = v->boolean)

static const Attribute host_attributes[] = {
        { "path", TYPE_STRING, host_path, .summary = "directory of programs" },
        { "rootDirectory", TYPE_STRING, host_root_directory, .summary = "RootDirectory=" },
        { "rootImage", TYPE_STRING, host_root_image, .summary = "RootImage=" },
        { "commandFromSpec", TYPE_BOOLEAN, host_command_from_spec,
                        .summary = "stackSpec has command and arguments itself" },
        { "imageFromSpec", TYPE_BOOLEAN, host_image_from_spec,
                        .summary = "stackSpec.image is a root directory or image of this host" },
        { "logPrefix", TYPE_BOOLEAN, host_log_prefix, .summary = "lines carry <N>" },
        { "notify", TYPE_BOOLEAN, host_notify, .summary = "Type=notify" },
        { "jit", TYPE_BOOLEAN, host_jit, .summary = "needs writable and executable memory" },
        { 0 },
};
static const Table host_table = { "host", host_attributes };

static void projection_type(Reader *r, const Value *v) {
        r->stack->secret_projection = STREQ(v->string, "propFile") ? CONSUMPTION_PROPERTY_FILE
                                      : STREQ(v->string, "file")   ? CONSUMPTION_FILE
                                                                   : CONSUMPTION_ENVIRONMENT;
}

static const char *const projections[] = { "envVars", "propFile", "file", NULL };
static const Attribute projection_attributes[] = {
        { "type", TYPE_ENUM, projection_type, .values = projections, .any_case = true },
        { 0 },
};
static const Table projection_table = { "secretProjection", projection_attributes };

static void config_template(Reader *r, const Value *v) {
        const Node *n = v->node;
        if (n->kind != NODE_SCALAR) {
                diagnose_error(r->diagnostics, "E-TYPE", n->mark,
                                "'configFileTemplate' is %s: expected text",
                                node_kind_to_string(n));
                return;
        }
        r->stack->config_template = n->text;
        r->stack->config_template_mark = n->mark;
}

static void worker_kubernetes(Reader *r, const Value *v) {
        (void) v;
        r->stack->needs_kubernetes = true;
}

static const Attribute worker_config_attributes[] = {
        { "configFileTemplate", TYPE_TEXT, config_template },
        { "containerResourceTemplate", TYPE_TEXT, worker_kubernetes },
        { "resourceTemplate", TYPE_TEXT, worker_kubernetes },
        { 0 },
};
static const Table worker_config_table = { "workerConfig", worker_config_attributes };

static void image_part(Reader *r, const Value *v) {
        if (list_append(&r->stack->image, r->arena,
                            (Item){ .name = v->key->text, .text = v->string, .mark = v->mark })
                        < 0)
                r->out_of_memory = true;
}

static const Attribute image_attributes[] = {
        { "registry", TYPE_STRING, image_part },
        { "repository", TYPE_STRING, image_part },
        { "image", TYPE_STRING, image_part },
        { "tag", TYPE_STRING, image_part },
        { "auth", TYPE_ANY },
        { 0 },
};
static const Table image_table = { "image", image_attributes };

static void stack_addresses(Reader *r, const Value *v) {
        r->stack->has_addresses = v->list.n > 0;
}

ATTRIBUTE(stack_name, s->name = v->string)
ATTRIBUTE(stack_version, s->version = v->string)
ATTRIBUTE(stack_flavor, s->flavor = v->string)
ATTRIBUTE(stack_command, s->command = v->list)
ATTRIBUTE(stack_arguments, s->arguments = v->list)
ATTRIBUTE(stack_environment, s->environment = v->list)

static const Attribute stack_attributes[] = {
        { "name", TYPE_STRING, stack_name, .missing = "E-STACK" },
        { "version", TYPE_STRING, stack_version, .missing = "E-STACK" },
        { "flavor", TYPE_STRING, stack_flavor },
        { "reconciler", TYPE_ANY },
        { "image", TYPE_MAPPING, NULL, &image_table },
        { "command", TYPE_STRINGS, stack_command },
        { "arguments", TYPE_STRINGS, stack_arguments },
        { "environmentVars", TYPE_SETTINGS, stack_environment },
        { "ports", TYPE_ANY },
        { "secretProjection", TYPE_MAPPING, NULL, &projection_table },
        { "stackSpecValueSchema", TYPE_ANY },
        { "dataOsAddressJqFilters", TYPE_STRINGS, stack_addresses },
        { "workerConfig", TYPE_MAPPING, NULL, &worker_config_table },
        { "workflowJobConfig", TYPE_ANY },
        { "serviceConfig", TYPE_ANY },
        { "host", TYPE_MAPPING, NULL, &host_table },
        { 0 },
};
static const Table stack_table = { "stack", stack_attributes };

static const char *const types[] = { "stack", NULL };
static const Attribute meta_attributes[] = {
        { "name", TYPE_STRING, .missing = "E-NO-NAME" },
        { "version", TYPE_STRING },
        { "type", TYPE_ENUM, .values = types, .missing = "E-NO-TYPE" },
        { "layer", TYPE_ANY },
        { "description", TYPE_ANY },
        { "tags", TYPE_ANY },
        { "owner", TYPE_ANY },
        { "stack", TYPE_MAPPING, NULL, &stack_table, .missing = "E-NO-SECTION" },
        { 0 },
};
static const Table meta_table = { "the stack definition", meta_attributes };

const Table *stack_definition_table(void) {
        return &meta_table;
}

static bool is_label(const char *s, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char) s[i]) && s[i] != '-')
                        return false;
        return n > 0 && s[0] != '-' && s[n - 1] != '-';
}

static bool is_version(const char *s, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (!isdigit((unsigned char) s[i]) && (s[i] != '.' || i == 0 || s[i - 1] == '.'))
                        return false;
        return n > 0 && s[n - 1] != '.';
}

/* Its parts come into units, and a reference finds it by its identity. */
static void check_stack(const Stack *s, const Document *document, Diagnostics *d) {
        const Node *definition = node_find(document->root, "stack");
        const struct {
                const char *path, *name;
        } paths[] = {
                { s->host_path, "path" },
                { s->root_directory, "rootDirectory" },
                { s->root_image, "rootImage" },
        };

        if (!is_label(s->name, strlen(s->name)) || !is_version(s->version, strlen(s->version))
                        || (s->flavor && !is_label(s->flavor, strlen(s->flavor))))
                diagnose_error(d, "E-STACK", definition->key->mark,
                                "'%s%s%s:%s' can't be referred to: expected letters, digits and "
                                "'-' in name and flavor, numbers and '.' in the version",
                                s->name, s->flavor ? "+" : "", s->flavor ? s->flavor : "",
                                s->version);
        for (const Item *i = s->environment.first; i; i = i->next)
                if (!environment_name_is_valid(i->name))
                        diagnose_error(d, "E-ENV", i->name_mark,
                                        "'%s' is not the name of an environment variable", i->name);
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
                if (paths[i].path
                                && (paths[i].path[0] != '/' || !path_is_plain(paths[i].path)
                                                || !text_is_one_value(paths[i].path)))
                        diagnose_error(d, "E-PATH", definition->key->mark,
                                        "'%s' is not valid for '%s': expected an absolute path",
                                        paths[i].path, paths[i].name);
}

/* The program, where it is a plain name, is one of host.path. */
static int resolve_program(Stack *s, Arena *arena) {
        Item *program = s->command.first ? s->command.first : s->arguments.first;
        CLEANUP(strbuf_done) StrBuf path = { 0 };

        if (!s->host_path || !program || program->text[0] == '/')
                return 0;
        strbuf_append_all(&path, s->host_path, "/", program->text, NULL);
        program->text = strbuf_error(&path) < 0 ? NULL : arena_strdup(arena, strbuf_string(&path));
        return program->text ? 0 : -ENOMEM;
}

int stack_read(const Source *source, const Document *document, Arena *arena, Diagnostics *d,
                Stacks *stacks) {
        Stack *s = arena_new(arena, Stack);
        if (!s)
                return -ENOMEM;
        *s = (Stack){ .source = source, .secret_projection = CONSUMPTION_ENVIRONMENT };

        if (!document->root || document->root->kind != NODE_MAPPING || document->incomplete) {
                if (!document->incomplete)
                        diagnose_error(d, "E-TYPE", (Mark){ 0 }, "the document is not a mapping");
                return 0;
        }

        unsigned errors = d->n_errors;
        Reader r = { .arena = arena, .diagnostics = d, .root = &meta_table, .stack = s };
        read_mapping(&r, &meta_table, document->root);
        if (r.out_of_memory)
                return -ENOMEM;
        if (d->n_errors == errors)
                check_stack(s, document, d);
        if (d->n_errors > errors)
                return 0;
        if (resolve_program(s, arena) < 0)
                return -ENOMEM;

        const Node *definition = node_find(document->root, "stack");
        s->not_for_workers = !node_find(definition, "workerConfig")
                             && (node_find(definition, "serviceConfig")
                                             || node_find(definition, "workflowJobConfig"));
        /* in order of their names, as messages list them */
        Stack **at = &stacks->first;
        while (*at && strcmp((*at)->name, s->name) <= 0)
                at = &(*at)->next;
        s->next = *at;
        *at = s;
        return 0;
}

/* --- finding --------------------------------------------------------------------------------- */

/* "exec" is always there: command and arguments of the stackSpec, run as they are. */
static const Stack exec_stack = {
        .name = "exec",
        .version = "1.0",
        .command_from_spec = true,
        .secret_projection = CONSUMPTION_ENVIRONMENT,
};

int compare_versions(const char *a, const char *b) {
        while (*a || *b) {
                while (*a == '0')
                        a++;
                while (*b == '0')
                        b++;
                size_t n = strspn(a, "0123456789"), m = strspn(b, "0123456789");
                if (n != m)
                        return n < m ? -1 : 1;
                int c = strncmp(a, b, n);
                if (c != 0)
                        return c;
                a += n;
                b += m;
                a += *a ? 1 : 0;
                b += *b ? 1 : 0;
        }
        return 0;
}

/* The three parts of a reference; they point into it. */
typedef struct Reference {
        const char *name, *flavor, *version;
        size_t name_size, flavor_size, version_size;
} Reference;

static bool parse_reference(const char *s, Reference *ret) {
        Reference r = { .name = s, .name_size = strcspn(s, "+:") };

        s += r.name_size;
        if (*s == '+') {
                r.flavor = ++s;
                r.flavor_size = strcspn(s, ":");
                s += r.flavor_size;
        }
        if (*s == ':') {
                r.version = ++s;
                r.version_size = strlen(s);
        }
        if (!is_label(r.name, r.name_size) || (r.flavor && !is_label(r.flavor, r.flavor_size))
                        || (r.version && !is_version(r.version, r.version_size)))
                return false;

        *ret = r;
        return true;
}

static bool equals(const char *part, size_t size, const char *s) {
        return strlen(s) == size && strncmp(part, s, size) == 0;
}

static bool same_flavor(const Stack *a, const Stack *b) {
        return a->flavor ? b->flavor && STREQ(a->flavor, b->flavor) : !b->flavor;
}

static void append_reference(StrBuf *b, const Stack *s) {
        strbuf_printf(b, "%s%s%s%s:%s", b->len > 0 ? ", " : "", s->name, s->flavor ? "+" : "",
                        s->flavor ? s->flavor : "", s->version);
}

static bool matches(const Stack *s, const Reference *r) {
        return equals(r->name, r->name_size, s->name)
               && (!r->version || compare_versions(r->version, s->version) == 0)
               && (!r->flavor || (s->flavor && equals(r->flavor, r->flavor_size, s->flavor)));
}

/* The highest version of those that match, those without a flavor first.
 * *ambiguous: there are several flavors and none was asked for. */
static const Stack *best_match(const Stack *first, const Reference *r, bool *ambiguous) {
        const Stack *plain = NULL, *flavored = NULL;

        *ambiguous = false;
        for (const Stack *s = first; s; s = s->next) {
                if (!matches(s, r))
                        continue;
                const Stack **best = s->flavor ? &flavored : &plain;
                if (*best && !same_flavor(*best, s))
                        *ambiguous = true;
                if (!*best || compare_versions(s->version, (*best)->version) > 0)
                        *best = s;
        }
        if (plain)
                *ambiguous = false;
        return plain ? plain : flavored;
}

static void diagnose_not_found(const Stack *first, const Reference *r, const char *reference,
                Mark mark, bool ambiguous, Diagnostics *d) {
        CLEANUP(strbuf_done) StrBuf all = { 0 }, named = { 0 };

        for (const Stack *s = first; s; s = s->next) {
                append_reference(&all, s);
                if (equals(r->name, r->name_size, s->name))
                        append_reference(&named, s);
        }
        d->out_of_memory = d->out_of_memory || strbuf_error(&all) < 0 || strbuf_error(&named) < 0;
        if (ambiguous)
                diagnose_error(d, "E-STACK", mark, "'%s' has several flavors: write one of %s",
                                reference, strbuf_string(&named));
        else
                diagnose_error(d, "E-NO-SUCH-STACK", mark,
                                "stack '%s' is not installed: there are %s; install it or add a "
                                "definition to the folder 'stacks' beside the manifest",
                                reference, strbuf_string(named.len > 0 ? &named : &all));
}

const Stack *stack_find(const Stacks *stacks, const char *reference, Mark mark, Diagnostics *d) {
        Stack builtin = exec_stack;
        builtin.next = stacks->first;

        Reference r;
        if (!parse_reference(reference, &r)) {
                diagnose_error(d, "E-STACK", mark,
                                "'%s' is not a stack: expected NAME[+FLAVOR][:VERSION], such as "
                                "'bento:4.2'",
                                reference);
                return NULL;
        }

        bool ambiguous;
        const Stack *found = best_match(&builtin, &r, &ambiguous);
        if (!found || ambiguous) {
                diagnose_not_found(&builtin, &r, reference, mark, ambiguous, d);
                return NULL;
        }
        return found == &builtin ? &exec_stack : found;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include "credentials.h"
#include "text.h"
#include "unit-file.h"

/* The words of a command line are those of the stack's definition and then, where the definition
 * says that the stackSpec has a command, those of the stackSpec. */

static const Node *spec_list(const Worker *w, const char *key) {
        const Node *spec = w->stack->command_from_spec ? w->manifest->stack_spec : NULL;
        const Node *list = spec ? node_find(spec, key) : NULL;
        return list && list->kind == NODE_SEQUENCE ? list : NULL;
}

static const Node *first_spec_word(const Worker *w) {
        const Node *command = spec_list(w, "command"), *arguments = spec_list(w, "arguments");

        if (command && command->first)
                return command->first;
        return arguments ? arguments->first : NULL;
}

static const Item *first_stack_word(const Worker *w) {
        return w->stack->command.first ? w->stack->command.first : w->stack->arguments.first;
}

/* --- checks ---------------------------------------------------------------------------------- */

static void check_words(const Worker *w, const char *key, Diagnostics *d) {
        size_t size = 0;
        const Node *list = w->manifest->stack_spec ? node_find(w->manifest->stack_spec, key) : NULL;

        if (!list || node_is_null(list))
                return;
        if (list->kind != NODE_SEQUENCE) {
                diagnose_error(d, "E-TYPE", list->mark,
                                "'%s' is %s: expected a list of texts such as [--option, value]",
                                key, node_kind_to_string(list));
                return;
        }
        for (const Node *i = list->first; i; i = i->next) {
                size += i->kind == NODE_SCALAR ? i->size + 1 : 0;
                if (i->kind != NODE_SCALAR)
                        diagnose_error(d, "E-TYPE", i->mark, "'%s' holds %s: expected texts only",
                                        key, node_kind_to_string(i));
                else if (has_control_character(i->text, i->size))
                        diagnose_error(d, "E-CONTROL", i->mark,
                                        "control character in '%s': no command line can carry it; "
                                        "remove it",
                                        key);
        }
        if (size > LIST_SIZE_MAX)
                diagnose_error(d, "E-LIMIT", list->mark,
                                "'%s' has %zu bytes: %d are the limit; put the text into a file",
                                key, size, LIST_SIZE_MAX);
}

static void check_spec_keys(const Worker *w, Diagnostics *d) {
        static const char *const keys[] = { "command", "arguments", "image", NULL };
        const Node *spec = w->manifest->stack_spec;

        for (const Node *i = spec ? spec->first : NULL; i; i = i->next) {
                bool known = false;
                for (const char *const *k = keys; *k; k++)
                        known = known || STREQ(*k, i->key->text);
                if (known)
                        continue;
                const char *near = nearest_string(i->key->text, keys);
                diagnose_error(d, "E-UNKNOWN", i->key->mark,
                                "unknown key '%s' in 'stackSpec': stack '%s' knows 'command' and "
                                "'arguments'%s%s%s",
                                i->key->text, w->stack->name, near ? "; did you mean '" : "",
                                near ? near : "", near ? "'?" : "");
        }
}

/* An absolute path, or a plain name: systemd takes '@', '-', ':', '+' and '!' before a program as
 * flags (systemd.service(5), "Command lines"). */
static void check_program(const char *program, Mark mark, Diagnostics *d) {
        size_t n = strlen(program);

        if (program[0] == '/') {
                /* '$' is "$$" in a command line but not in its program: systemd.service(5) */
                if (!path_is_plain(program) || endswith(program, "/") || strchr(program, '$'))
                        diagnose_error(d, "E-COMMAND", mark,
                                        "'%s' is not the path of a program: expected one without "
                                        "'.', '..', ':', '$', '\\', '\"' and trailing '/'",
                                        program);
                return;
        }
        if (n == 0 || strpbrk(program, "/$\n\t") || strchr("@-:+!.|", program[0]))
                diagnose_error(d, "E-COMMAND", mark,
                                "'%s' is not a program: expected an absolute path, or a plain name "
                                "to be found below /usr",
                                program);
}

void command_check(const Worker *w, Diagnostics *d) {
        const Manifest *m = w->manifest;
        const Item *stack_word = first_stack_word(w);
        unsigned errors = d->n_errors;

        if (w->stack->command_from_spec) {
                check_words(w, "command", d);
                check_words(w, "arguments", d);
                check_spec_keys(w, d);
        }
        if (d->n_errors > errors)
                return;

        const Node *spec_word = first_spec_word(w);
        if (stack_word)
                check_program(stack_word->text, m->stack_mark, d);
        else if (spec_word)
                check_program(spec_word->text, spec_word->mark, d);
        else if (w->stack->command_from_spec)
                diagnose_error(d, "E-COMMAND",
                                m->stack_spec_given ? m->stack_spec_mark : m->stack_mark,
                                "'command' is missing in 'stackSpec': stack '%s' runs what it "
                                "names; write 'command: [/usr/bin/PROGRAM]'",
                                w->stack->name);
        else if (!w->stack->needs_kubernetes)
                diagnose_error(d, "E-STACK", m->stack_mark,
                                "stack '%s' has no command: nothing here runs container images; "
                                "add 'command' to its definition",
                                w->stack->name);
}

/* --- emission -------------------------------------------------------------------------------- */

const char *command_program(const Worker *w) {
        const Item *i = first_stack_word(w);
        const Node *n = first_spec_word(w);
        return i ? i->text : n ? n->text : "";
}

const char *command_script(const Worker *w) {
        const Node *n = first_stack_word(w) ? first_spec_word(w) : NULL;
        return n && n->text[0] == '/' ? n->text : NULL;
}

/* Whether nothing stands behind "ExecStart=" yet. */
static bool is_first(const StrBuf *b) {
        return b->len == 0 || b->data[b->len - 1] == '=';
}

static void emit_word(const char *word, StrBuf *b) {
        if (!is_first(b))
                strbuf_append_char(b, ' ');
        unit_command_word(b, word);
}

/* The first of DataOS' directories in a word; *ret_size is the length of its name. */
static const char *find_directory(const char *word, size_t *ret_size) {
        static const char *const directories[] = { "/etc/dataos/config/", "/etc/dataos/secret/" };
        const char *first = NULL;

        for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
                const char *at = strstr(word, directories[i]);
                if (at && (!first || at < first)) {
                        first = at;
                        *ret_size = strlen(directories[i]);
                }
        }
        return first;
}

/* A word of a stack's definition: DataOS' directories are that of the credentials here. */
static void emit_stack_word(const char *word, StrBuf *b) {
        size_t n = 0;

        strbuf_append(b, is_first(b) ? "\"" : " \"");
        for (const char *at; (at = find_directory(word, &n)); word = at + n) {
                CLEANUP(strbuf_done) StrBuf part = { 0 };
                strbuf_append_n(&part, word, (size_t) (at - word));
                strbuf_inherit(b, &part);
                unit_command_part(b, strbuf_string(&part));
                strbuf_append(b, "%d/");
        }
        unit_command_part(b, word);
        strbuf_append_char(b, '"');
}

static void emit_stack_command(const Worker *w, StrBuf *b) {
        const List *const lists[] = { &w->stack->command, &w->stack->arguments };

        for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
                for (const Item *i = lists[k]->first; i; i = i->next)
                        emit_stack_word(i->text, b);
}

static void emit_spec_command(const Worker *w, StrBuf *b) {
        static const char *const keys[] = { "command", "arguments" };

        for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
                const Node *list = spec_list(w, keys[k]);
                for (const Node *i = list ? list->first : NULL; i; i = i->next)
                        emit_word(i->text, b);
        }
}

void emit_command(const Worker *w, StrBuf *b) {
        strbuf_append(b, "ExecStart=");
        if (w->launcher)
                launcher_emit(w, b);
        emit_stack_command(w, b);
        emit_spec_command(w, b);
        strbuf_append_char(b, '\n');
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include "credentials.h"
#include "text.h"
#include "unit-file.h"

/* --- stackSpec of "exec" and its like ----------------------------------------------------------
 */

static const Node *spec_list(const Worker *w, const char *key) {
        const Node *spec = w->manifest->stack_spec;
        return spec ? node_find(spec, key) : NULL;
}

static void check_words(const Node *list, const char *key, Diagnostics *d) {
        if (list->kind != NODE_SEQUENCE) {
                diagnose_error(d, "E-TYPE", list->mark, "'%s' is %s: expected a list of texts", key,
                                node_kind_to_string(list));
                return;
        }
        for (const Node *i = list->first; i; i = i->next)
                if (i->kind != NODE_SCALAR)
                        diagnose_error(d, "E-TYPE", i->mark, "'%s' holds %s: expected texts only",
                                        key, node_kind_to_string(i));
                else if (has_control_character(i->text, i->size))
                        diagnose_error(d, "E-CONTROL", i->mark,
                                        "control character in '%s': no command line can carry it; "
                                        "remove it",
                                        key);
}

static void check_spec(const Worker *w, Diagnostics *d) {
        static const char *const keys[] = { "command", "arguments", "image", NULL };
        const Manifest *m = w->manifest;
        const Node *command = spec_list(w, "command"), *arguments = spec_list(w, "arguments");

        if (!command || node_is_null(command)
                        || (command->kind == NODE_SEQUENCE && !command->first)) {
                diagnose_error(d, "E-COMMAND",
                                m->stack_spec_given ? m->stack_spec_mark : m->stack_mark,
                                "'command' is missing in 'stackSpec': stack '%s' runs what it "
                                "names; write "
                                "'command: [/usr/bin/PROGRAM]'",
                                w->stack->name);
                return;
        }
        check_words(command, "command", d);
        if (arguments && !node_is_null(arguments))
                check_words(arguments, "arguments", d);
        for (const Node *i = m->stack_spec->first; i; i = i->next) {
                if (STREQ(i->key->text, "command") || STREQ(i->key->text, "arguments")
                                || STREQ(i->key->text, "image"))
                        continue;
                const char *near = nearest_string(i->key->text, keys);
                diagnose_error(d, "E-UNKNOWN", i->key->mark,
                                "unknown key '%s' in 'stackSpec': stack '%s' knows 'command' and "
                                "'arguments'%s%s%s",
                                i->key->text, w->stack->name, near ? "; did you mean '" : "",
                                near ? near : "", near ? "'?" : "");
        }
}

/* --- both ------------------------------------------------------------------------------------ */

/* An absolute path, or a plain name: systemd takes '@', '-', ':', '+' and '!' before a program as
 * flags (systemd.service(5), "Command lines"). */
static void check_program(const char *program, Mark mark, Diagnostics *d) {
        size_t n = strlen(program);

        if (program[0] == '/') {
                if (strstr(program, "/../") || endswith(program, "/") || endswith(program, "/.."))
                        diagnose_error(d, "E-COMMAND", mark,
                                        "'%s' is not the path of a program: expected one without "
                                        "'..' and "
                                        "trailing '/'",
                                        program);
                return;
        }
        if (n == 0 || strchr(program, '/') || strchr("@-:+!.|", program[0]))
                diagnose_error(d, "E-COMMAND", mark,
                                "'%s' is not a program: expected an absolute path, or a plain name "
                                "to be "
                                "found below /usr",
                                program);
}

static const Item *first_word(const Worker *w) {
        return w->stack->command.first ? w->stack->command.first : w->stack->arguments.first;
}

static bool from_spec(const Worker *w) {
        return w->stack->command_from_spec;
}

const char *command_program(const Worker *w) {
        if (from_spec(w))
                return spec_list(w, "command")->first->text;
        return w->stack->command.first ? w->stack->command.first->text
                                       : w->stack->arguments.first->text;
}

void command_check(const Worker *w, Diagnostics *d) {
        const Manifest *m = w->manifest;

        if (from_spec(w)) {
                unsigned errors = d->n_errors;
                check_spec(w, d);
                if (d->n_errors == errors) {
                        const Node *first = spec_list(w, "command")->first;
                        check_program(first->text, first->mark, d);
                }
                return;
        }
        if (w->stack->command.n + w->stack->arguments.n == 0)
                diagnose_error(d, "E-STACK", m->stack_mark,
                                "stack '%s' has no command: nothing here runs container images; "
                                "add "
                                "'command' to its definition",
                                w->stack->name);
        else
                check_program(command_program(w), m->stack_mark, d);
}

static void emit_word(const char *word, StrBuf *b) {
        if (b->data[b->len - 1] != '=')
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

        strbuf_append(b, b->data[b->len - 1] == '=' ? "\"" : " \"");
        for (const char *at; (at = find_directory(word, &n)); word = at + n) {
                CLEANUP(strbuf_done) StrBuf part = { 0 };
                strbuf_append_n(&part, word, (size_t) (at - word));
                unit_command_part(b, strbuf_string(&part));
                strbuf_append(b, "%d/");
        }
        unit_command_part(b, word);
        strbuf_append_char(b, '"');
}

static void emit_stack_command(const Worker *w, StrBuf *b) {
        const List *const lists[] = { &w->stack->command, &w->stack->arguments };
        const char *path = w->stack->host_path;

        for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
                for (const Item *i = lists[k]->first; i; i = i->next) {
                        bool program = i == first_word(w);
                        CLEANUP(strbuf_done) StrBuf word = { 0 };
                        if (program && path && i->text[0] != '/')
                                strbuf_printf(&word, "%s/", path);
                        strbuf_append(&word, i->text);
                        emit_stack_word(strbuf_string(&word), b);
                }
}

void emit_command(const Worker *w, StrBuf *b) {
        strbuf_append(b, "ExecStart=");
        if (w->launcher)
                launcher_emit(w, b);
        if (from_spec(w)) {
                static const char *const keys[] = { "command", "arguments" };
                for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
                        const Node *list = spec_list(w, keys[k]);
                        for (const Node *i = list ? list->first : NULL; i; i = i->next)
                                emit_word(i->text, b);
                }
        } else
                emit_stack_command(w, b);
        strbuf_append_char(b, '\n');
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config-template.h"

#include <errno.h>
#include <stdio.h>

#include "number.h"
#include "yaml-read.h"
#include "yaml-write.h"

#define BLANKS " \t\r\n"

/* One word or "|" of an action at *s, which is moved behind it; 0 at its end. */
static size_t take_word(const char **s, const char *end, const char **ret) {
        while (*s < end && strchr(BLANKS, **s))
                (*s)++;
        *ret = *s;
        if (*s < end && **s == '|')
                (*s)++;
        else
                while (*s < end && !strchr(BLANKS "|", **s))
                        (*s)++;
        return (size_t) (*s - *ret);
}

static bool is_word(const char *word, size_t size, const char *expected) {
        return strlen(expected) == size && strncmp(word, expected, size) == 0;
}

/* The text of a field that can be named in a template, NULL when there is no such field. */
static const char *field(const Manifest *m, const char *word, size_t size) {
        const struct {
                const char *name, *text;
        } fields[] = {
                { ".Name", m->name },
                { ".Type", "worker" },
                { ".Workspace", m->workspace },
                { ".Stamp", "" },
                { ".MetricPort", "0" }, /* a worker can't listen */
                { ".ApplicationSpec.LogLevel", m->log_level },
        };

        for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
                if (is_word(word, size, fields[i].name))
                        return fields[i].text;
        return NULL;
}

/* Go templates' "indent" pads every line, empty ones too. */
static void append_indented(StrBuf *b, const char *text, unsigned n) {
        bool begin = true;

        for (; *text; text++) {
                for (unsigned i = 0; begin && i < n; i++)
                        strbuf_append_char(b, ' ');
                strbuf_append_char(b, *text);
                begin = *text == '\n';
        }
}

static int spec_to_yaml(const Manifest *m, StrBuf *b) {
        static const Node empty = { .kind = NODE_MAPPING };

        int r = yaml_write(m->stack_spec ? m->stack_spec : &empty, b);
        if (r == 0 && b->len > 0 && b->data[b->len - 1] == '\n') /* as Go's toYaml */
                b->data[--b->len] = '\0';
        return r;
}

/* Carries out "VALUE [| indent N]...". Returns 0, -EINVAL or -ENOMEM. */
static int run_action(const char *s, const char *end, const Manifest *m, StrBuf *b) {
        CLEANUP(strbuf_done) StrBuf value = { 0 };
        const char *word;
        size_t n = take_word(&s, end, &word);

        if (is_word(word, n, "toYaml")) {
                n = take_word(&s, end, &word);
                if (!is_word(word, n, ".ApplicationSpec.StackSpec"))
                        return -EINVAL;
                int r = spec_to_yaml(m, &value);
                if (r < 0)
                        return r;
        } else {
                const char *text = n > 0 ? field(m, word, n) : NULL;
                if (!text)
                        return -EINVAL;
                strbuf_append(&value, text);
        }

        while ((n = take_word(&s, end, &word)) > 0) {
                CLEANUP(strbuf_done) StrBuf indented = { 0 };
                char number[8];
                unsigned columns;
                const char *function = "";
                size_t k = 0;

                if (is_word(word, n, "|"))
                        k = take_word(&s, end, &function);
                bool newline = k > 0 && is_word(function, k, "nindent");
                if (k == 0 || (!newline && !is_word(function, k, "indent")))
                        return -EINVAL;
                n = take_word(&s, end, &word);
                (void) snprintf(number, sizeof(number), "%.*s", (int) n, word);
                if (parse_unsigned(number, &columns) < 0 || columns > 64)
                        return -EINVAL;

                if (newline)
                        strbuf_append_char(&indented, '\n');
                append_indented(&indented, strbuf_string(&value), columns);
                if (strbuf_error(&indented) < 0)
                        return -ENOMEM;
                StrBuf before = value;
                value = indented;
                indented = before;
        }

        strbuf_append(b, strbuf_string(&value));
        return strbuf_error(&value);
}

static void trim_end(StrBuf *b) {
        while (b->len > 0 && strchr(BLANKS, b->data[b->len - 1]))
                b->data[--b->len] = '\0';
}

int template_expand(const char *template, const Manifest *m, StrBuf *b, char *ret_action) {
        for (const char *open; (open = strstr(template, "{{"));) {
                const char *begin = open + 2, *close = strstr(begin, "}}");
                const char *end = close;

                strbuf_append_n(b, template, (size_t) (open - template));
                if (!close) {
                        (void) snprintf(ret_action, TEMPLATE_ACTION_MAX, "%s", open);
                        return -EINVAL;
                }
                if (*begin == '-') { /* "{{-" and "-}}" trim the blanks outside */
                        begin++;
                        trim_end(b);
                }
                if (end > begin && end[-1] == '-')
                        end--;

                int r = run_action(begin, end, m, b);
                if (r == -EINVAL)
                        (void) snprintf(ret_action, TEMPLATE_ACTION_MAX, "%.*s",
                                        (int) (close + 2 - open), open);
                if (r < 0)
                        return r;

                template = close + 2;
                if (end != close)
                        template += strspn(template, BLANKS);
        }
        strbuf_append(b, template);
        return strbuf_error(b);
}

/* --- files ----------------------------------------------------------------------------------- */

static int add_file(const char *name, StrBuf *text, Mark mark, Arena *arena, List *list) {
        Item item = {
                .name = name,
                .text = arena_strndup(arena, strbuf_string(text), text->len),
                .mark = mark,
                .name_mark = mark,
        };

        if (strbuf_error(text) < 0 || !item.text)
                return -ENOMEM;
        return list_append(list, arena, item);
}

/* The expanded template is a YAML mapping of file names to texts. */
static int take_files(const char *text, const Manifest *m, const Stack *stack, Arena *arena,
                Diagnostics *d, List *ret) {
        CLEANUP(source_done) Source source = { 0 };
        CLEANUP(diagnostics_done) Diagnostics problems = { 0 };
        Document *document = NULL;

        int r = source_from_text(&source, "configFileTemplate", text, strlen(text));
        if (r < 0)
                return r;
        problems.source = &source;
        r = yaml_read(&source, arena, &problems, &document);
        if (r < 0)
                return r;

        const Diagnostic *first = diagnostics_first_error(&problems);
        if (first || !document || !document->root || document->root->kind != NODE_MAPPING) {
                diagnose_error(d, "E-TEMPLATE", m->stack_mark,
                                "the configFileTemplate of stack '%s' does not yield a mapping of "
                                "files to texts: %s; correct the definition",
                                stack->name, first ? first->message : "it is something else");
                return 0;
        }

        for (const Node *i = document->root->first; i; i = i->next) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                if (i->kind == NODE_SCALAR)
                        strbuf_append_n(&b, i->text, i->size);
                else if (yaml_write(i, &b) < 0)
                        return -ENOMEM;
                r = add_file(i->key->text, &b, m->stack_mark, arena, ret);
                if (r < 0)
                        return r;
        }
        return 0;
}

int config_files(const Manifest *m, const Stack *stack, Arena *arena, Diagnostics *d, List *ret) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        char action[TEMPLATE_ACTION_MAX];

        if (!stack->config_template) {
                if (!m->stack_spec || !m->stack_spec->first)
                        return 0;
                int r = yaml_write(m->stack_spec, &text);
                return r < 0 ? r
                             : add_file("jobconfig.yaml", &text, m->stack_spec_mark, arena, ret);
        }

        int r = template_expand(stack->config_template, m, &text, action);
        if (r == -EINVAL) {
                diagnose_error(d, "E-TEMPLATE", m->stack_mark,
                                "the configFileTemplate of stack '%s' has an action that is not "
                                "understood here: '%s'; correct the definition",
                                stack->name, action);
                return 0;
        }
        if (r < 0)
                return r;
        if (strstr(stack->config_template, ".MetricPort"))
                diagnose_note(d, "N-METRIC-PORT", m->stack_mark,
                                "stack '%s' opens a port for metrics: a worker can't listen, 0 is "
                                "substituted",
                                stack->name);
        return take_files(strbuf_string(&text), m, stack, arena, d, ret);
}

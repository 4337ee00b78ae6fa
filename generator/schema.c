/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schema.h"

#include <errno.h>
#include <strings.h>

#include "number.h"
#include "quantity.h"
#include "text.h"

bool list_contains(const List *l, const char *text) {
        for (const Item *i = l->first; i; i = i->next)
                if (STREQ(i->text, text))
                        return true;
        return false;
}

int list_append(List *l, Arena *arena, Item item) {
        Item *i = arena_new(arena, Item);
        if (!i)
                return -ENOMEM;

        *i = item;
        i->next = NULL;
        if (l->last)
                l->last->next = i;
        else
                l->first = i;
        l->last = i;
        l->n++;
        return 0;
}

static void append(Reader *r, List *l, Item item) {
        if (list_append(l, r->arena, item) < 0)
                r->out_of_memory = true;
}

bool is_placeholder(const char *text) {
        const char *brace = strchr(text, '{'); /* few texts have one */

        return brace && (strstr(brace, "{{") || strstr(text, "${"));
}

const char *attribute_type_to_string(AttributeType t) {
        static const char *const names[] = {
                [TYPE_STRING] = "text",
                [TYPE_BOOLEAN] = "true or false",
                [TYPE_INTEGER] = "a whole number",
                [TYPE_NUMBER] = "a number above 0",
                [TYPE_TIMESPAN] = "a time span such as 10s or 1min 30s",
                [TYPE_ENUM] = "one of a few words",
                [TYPE_CPU] = "an amount of CPU such as 250m, 0.5 or 2",
                [TYPE_MEMORY] = "an amount of memory such as 128Mi, 1G or 1048576",
                [TYPE_STRINGS] = "a list of texts such as [a, b]",
                [TYPE_SETTINGS] = "a mapping of names to values such as {name: value}",
                [TYPE_MAPPING] = "a mapping",
                [TYPE_LIST] = "a list of mappings such as [{name: a}]",
                [TYPE_NAMES] = "a list of names",
                [TYPE_SPEC] = "a mapping",
                [TYPE_TEXT] = "text",
                [TYPE_ANY] = "anything",
                [TYPE_REFUSED] = "nothing",
        };
        return names[t];
}

static void diagnose_placeholder(Reader *r, const Node *n) {
        diagnose_error(r->diagnostics, "E-PLACEHOLDER", n->mark,
                        "unfilled placeholder '%s': templates are not filled in here; write the "
                        "value itself",
                        n->text);
}

static void diagnose_type(Reader *r, const Attribute *a, const Node *n, const char *wanted) {
        if (n->kind == NODE_SCALAR && !node_is_null(n))
                diagnose_error(r->diagnostics, "E-VALUE", n->mark,
                                "'%s' is not valid for '%s': expected %s", n->text, a->name,
                                wanted);
        else
                diagnose_error(r->diagnostics, "E-TYPE", n->mark, "'%s' is %s: expected %s",
                                a->name, node_kind_to_string(n), wanted);
}

static void diagnose_collection(Reader *r, const Attribute *a, const Node *n, const char *wanted) {
        if (n->kind == NODE_SCALAR && is_placeholder(n->text))
                diagnose_placeholder(r, n);
        else
                diagnose_type(r, a, n, wanted);
}

/* Checks that hold for every text that is read here, whatever it means. */
static bool check_text(Reader *r, const char *name, const Node *n) {
        if (is_placeholder(n->text)) {
                diagnose_placeholder(r, n);
                return false;
        }
        if (has_control_character(n->text, n->size)) {
                diagnose_error(r->diagnostics, "E-CONTROL", n->mark,
                                "control character in '%s': no unit file can carry it; remove it",
                                name);
                return false;
        }
        if (n->size > STRING_SIZE_MAX) {
                diagnose_error(r->diagnostics, "E-LIMIT", n->mark,
                                "'%s' has %zu bytes: %d are the limit; put the text into a file",
                                name, n->size, STRING_SIZE_MAX);
                return false;
        }
        return true;
}

static bool take_scalar(Reader *r, const Attribute *a, const Node *n) {
        if (n->kind != NODE_SCALAR) {
                diagnose_type(r, a, n, attribute_type_to_string(a->type));
                return false;
        }
        return check_text(r, a->name, n);
}

static bool take_boolean(Reader *r, const Attribute *a, const Node *n, Value *v) {
        if (n->style == SCALAR_PLAIN && (STREQ(n->text, "true") || STREQ(n->text, "false"))) {
                v->boolean = STREQ(n->text, "true");
                return true;
        }
        diagnose_error(r->diagnostics, "E-VALUE", n->mark,
                        "'%s' is not valid for '%s': expected true or false, without quotes",
                        n->text, a->name);
        return false;
}

static bool take_integer(Reader *r, const Attribute *a, const Node *n, Value *v) {
        int k = parse_u64(n->text, &v->integer);
        if (k == -EINVAL || n->style != SCALAR_PLAIN) {
                diagnose_type(r, a, n,
                                k == -EINVAL ? attribute_type_to_string(a->type)
                                             : "a whole number, without quotes");
                return false;
        }
        if (k < 0 || v->integer < a->min || (a->max > 0 && v->integer > a->max)) {
                if (a->max > 0)
                        diagnose_error(r->diagnostics, "E-RANGE", n->mark,
                                        "'%s' is out of range for '%s': expected %ju to %ju",
                                        n->text, a->name, (uintmax_t) a->min, (uintmax_t) a->max);
                else
                        diagnose_error(r->diagnostics, "E-RANGE", n->mark,
                                        "'%s' is out of range for '%s': expected at least %ju",
                                        n->text, a->name, (uintmax_t) a->min);
                return false;
        }
        return true;
}

static bool take_number(Reader *r, const Attribute *a, const Node *n, Value *v) {
        if (parse_double(n->text, &v->number) < 0 || v->number <= 0) {
                diagnose_type(r, a, n, attribute_type_to_string(a->type));
                return false;
        }
        return true;
}

static bool take_timespan(Reader *r, const Attribute *a, const Node *n, Value *v) {
        if (parse_timespan(n->text, &v->timespan) < 0) {
                diagnose_type(r, a, n, attribute_type_to_string(a->type));
                return false;
        }
        return true;
}

/* What the attribute takes: its words where it takes words only. */
static void append_expected(const Attribute *a, StrBuf *b) {
        if (!a->values) {
                strbuf_append(b, attribute_type_to_string(a->type));
                return;
        }
        for (const char *const *i = a->values; *i; i++)
                strbuf_printf(b, "%s%s", i == a->values ? "" : ", ", *i);
}

static bool take_enum(Reader *r, const Attribute *a, const Node *n, Value *v) {
        CLEANUP(strbuf_done) StrBuf expected = { 0 };

        for (const char *const *i = a->values; *i; i++)
                if (a->any_case ? strcasecmp(*i, n->text) == 0 : STREQ(*i, n->text)) {
                        v->string = *i;
                        return true;
                }

        append_expected(a, &expected);
        r->out_of_memory = r->out_of_memory || strbuf_error(&expected) < 0;
        diagnose_error(r->diagnostics, "E-VALUE", n->mark,
                        "'%s' is not valid for '%s': expected %s%s", n->text, a->name,
                        a->values[0] && a->values[1] ? "one of " : "", strbuf_string(&expected));
        return false;
}

static bool take_quantity(Reader *r, const Attribute *a, const Node *n, Value *v) {
        int k = a->type == TYPE_CPU ? parse_cpu(n->text, &v->integer)
                                    : parse_memory(n->text, &v->integer);
        if (k == 0)
                return true;
        if (k == -ERANGE)
                diagnose_error(r->diagnostics, "E-RANGE", n->mark, "'%s' is too large for '%s'",
                                n->text, a->name);
        else
                diagnose_type(r, a, n, attribute_type_to_string(a->type));
        return false;
}

/* One text of a list. Whole list and each text have the checks of their own. */
static bool take_list_item(
                Reader *r, const Attribute *a, const Node *n, const Node *key, List *list) {
        if (node_was_refused(n))
                return false;
        if (n->kind != NODE_SCALAR) {
                diagnose_type(r, a, n, "a text");
                return false;
        }
        if (!check_text(r, key ? key->text : a->name, n))
                return false;

        append(r, list,
                        (Item){
                                        .name = key ? key->text : NULL,
                                        .text = node_is_null(n) ? "" : n->text,
                                        .name_mark = key ? key->mark : (Mark){ 0 },
                                        .mark = n->mark,
                        });
        return true;
}

/* A list as a whole becomes one line. */
static bool check_list_size(Reader *r, const Attribute *a, const Node *n, const List *l) {
        size_t size = 0;

        for (const Item *i = l->first; i; i = i->next)
                size += strlen(i->text) + (i->name ? strlen(i->name) : 0) + 1;
        if (size <= LIST_SIZE_MAX)
                return true;
        diagnose_error(r->diagnostics, "E-LIMIT", n->mark,
                        "'%s' has %zu bytes: %d are the limit; put the text into a file", a->name,
                        size, LIST_SIZE_MAX);
        return false;
}

static bool take_strings(Reader *r, const Attribute *a, const Node *n, Value *v) {
        bool good = true;

        if (n->kind != NODE_SEQUENCE) {
                diagnose_type(r, a, n, attribute_type_to_string(a->type));
                return false;
        }
        for (const Node *i = n->first; i; i = i->next)
                good = take_list_item(r, a, i, NULL, &v->list) && good;
        return good && check_list_size(r, a, n, &v->list);
}

static bool take_settings(Reader *r, const Attribute *a, const Node *n, Value *v) {
        bool good = true;

        if (n->kind != NODE_MAPPING) {
                diagnose_collection(r, a, n, attribute_type_to_string(a->type));
                return false;
        }
        for (const Node *i = n->first; i; i = i->next) {
                if (!check_text(r, a->name, i->key)) {
                        good = false;
                        continue;
                }
                if (i->kind != NODE_SEQUENCE || !a->lists) {
                        good = take_list_item(r, a, i, i->key, &v->list) && good;
                        continue;
                }
                for (const Node *k = i->first; k; k = k->next)
                        good = take_list_item(r, a, k, i->key, &v->list) && good;
        }
        return good && check_list_size(r, a, n, &v->list);
}

static void read_nested(Reader *r, const Attribute *a, const Node *n, Value *v) {
        if (n->kind != NODE_MAPPING) {
                diagnose_collection(r, a, n, "a mapping");
                return;
        }
        if (a->set)
                a->set(r, v);
        read_mapping(r, a->table, n);
}

static void read_list(Reader *r, const Attribute *a, const Node *n, Value *v) {
        if (n->kind != NODE_SEQUENCE) {
                diagnose_collection(r, a, n, attribute_type_to_string(a->type));
                return;
        }
        for (const Node *i = n->first; i; i = i->next) {
                Value item = { .key = v->key, .node = i, .mark = i->mark };
                if (a->type == TYPE_NAMES && i->kind == NODE_SCALAR) {
                        if (!check_text(r, a->name, i))
                                continue;
                        item.string = i->text;
                        a->set(r, &item);
                } else if (!node_was_refused(i))
                        read_nested(r, a, i, &item);
        }
}

static bool read_spec(Reader *r, const Attribute *a, const Node *n) {
        if (n->kind == NODE_MAPPING)
                return true;
        diagnose_collection(r, a, n, "a mapping");
        return false;
}

/* Reads one value; true when it is good and goes to the setter now. */
static bool take_value(Reader *r, const Attribute *a, const Node *n, Value *v) {
        switch (a->type) {
        case TYPE_STRINGS:
                return take_strings(r, a, n, v);
        case TYPE_SETTINGS:
                return take_settings(r, a, n, v);
        case TYPE_MAPPING:
                read_nested(r, a, n, v);
                return false;
        case TYPE_LIST:
        case TYPE_NAMES:
                read_list(r, a, n, v);
                return false;
        case TYPE_SPEC:
                return read_spec(r, a, n);
        case TYPE_TEXT:
                return true;
        case TYPE_ANY:
                return false;
        case TYPE_REFUSED:
                diagnose_error(r->diagnostics, "E-REFUSED", v->key->mark,
                                "'%s' is not for a worker: %s", a->name, a->message);
                return false;
        default:
                break;
        }

        if (!take_scalar(r, a, n))
                return false;
        switch (a->type) {
        case TYPE_BOOLEAN:
                return take_boolean(r, a, n, v);
        case TYPE_INTEGER:
                return take_integer(r, a, n, v);
        case TYPE_NUMBER:
                return take_number(r, a, n, v);
        case TYPE_TIMESPAN:
                return take_timespan(r, a, n, v);
        case TYPE_ENUM:
                return take_enum(r, a, n, v);
        case TYPE_CPU:
        case TYPE_MEMORY:
                return take_quantity(r, a, n, v);
        default:
                v->string = n->text;
                return true;
        }
}

static const Attribute *find_attribute(const Table *table, const char *name) {
        for (const Attribute *a = table->attributes; a->name; a++)
                if (STREQ(a->name, name))
                        return a;
        return NULL;
}

/* The table, anywhere below root, that has such an attribute: where a misplaced key belongs. */
static const Table *find_home(const Table *root, const char *name, unsigned depth) {
        if (find_attribute(root, name))
                return root;
        for (const Attribute *a = root->attributes; depth > 0 && a->name; a++) {
                const Table *home = a->table ? find_home(a->table, name, depth - 1) : NULL;
                if (home)
                        return home;
        }
        return NULL;
}

/* The one that begins with s, as "min" is meant to be minReplicas; NULL when it is not the only
 * one. */
static const char *only_longer_name(const char *s, const char *const *names) {
        enum { LENGTH_MIN = 3 };
        const char *found = NULL;

        if (strlen(s) < LENGTH_MIN)
                return NULL;
        for (; *names; names++)
                if (startswith(*names, s)) {
                        if (found)
                                return NULL;
                        found = *names;
                }
        return found;
}

static const char *nearest_attribute(const Table *table, const char *name) {
        enum { ATTRIBUTES_MAX = 80 };
        const char *names[ATTRIBUTES_MAX + 1];
        size_t n = 0;

        for (const Attribute *a = table->attributes; a->name && n < ATTRIBUTES_MAX; a++)
                if (a->type != TYPE_REFUSED)
                        names[n++] = a->name;
        names[n] = NULL;
        const char *near = nearest_string(name, names);
        return near ? near : only_longer_name(name, names);
}

static void diagnose_unknown(Reader *r, const Table *table, const Node *value, const Node *before) {
        const Node *key = value->key;

        if (is_placeholder(key->text)) {
                diagnose_placeholder(r, key);
                return;
        }

        const char *near = nearest_attribute(table, key->text);
        const Table *home = r->root ? find_home(r->root, key->text, 4) : NULL;
        const char *parent = before && node_is_null(before) ? before->key->text : NULL;

        /* a key of that very name elsewhere tells more than one of a similar name here */
        if (parent && (home || !near))
                diagnose_error(r->diagnostics, "E-UNKNOWN", key->mark,
                                "unknown key '%s' in '%s': the '%s:' before it is empty; indent "
                                "what belongs to it",
                                key->text, table->name, parent);
        else if (home)
                diagnose_error(r->diagnostics, "E-UNKNOWN", key->mark,
                                "unknown key '%s' in '%s': it belongs to '%s'; check the "
                                "indentation",
                                key->text, table->name, home->name);
        else if (near)
                diagnose_error(r->diagnostics, "E-UNKNOWN", key->mark,
                                "unknown key '%s' in '%s': did you mean '%s'?", key->text,
                                table->name, near);
        else
                diagnose_error(r->diagnostics, "E-UNKNOWN", key->mark,
                                "unknown key '%s' in '%s': it would be ignored; remove it or "
                                "correct its name",
                                key->text, table->name);
}

static void diagnose_missing(Reader *r, const Table *table, const Node *mapping) {
        for (const Attribute *a = table->attributes; a->name; a++) {
                if (!a->missing)
                        continue;
                const Node *found = node_find(mapping, a->name);
                if (found && !node_is_null(found))
                        continue;

                CLEANUP(strbuf_done) StrBuf expected = { 0 };
                append_expected(a, &expected);
                r->out_of_memory = r->out_of_memory || strbuf_error(&expected) < 0;
                const Node *at = found ? found->key : mapping->key ? mapping->key : mapping;
                diagnose_error(r->diagnostics, a->missing, at->mark,
                                "'%s' is %s in '%s': expected %s", a->name,
                                found ? "empty" : "missing", table->name, strbuf_string(&expected));
        }
}

void read_mapping(Reader *r, const Table *table, const Node *mapping) {
        const Node *empty = NULL; /* the last empty key met: what follows may belong below it */

        for (const Node *i = mapping->first; i; i = i->next) {
                const Attribute *a = find_attribute(table, i->key->text);
                if (!a) {
                        diagnose_unknown(r, table, i, empty);
                        continue;
                }
                if (node_is_null(i) && a->type != TYPE_REFUSED) {
                        empty = i; /* the same as absent */
                        if (a->type == TYPE_SPEC && a->set)
                                a->set(r, &(Value){ .key = i->key,
                                                          .node = i,
                                                          .mark = i->key->mark });
                        continue;
                }
                empty = NULL;
                if (node_was_refused(i) && a->type != TYPE_REFUSED)
                        continue;
                if (a->deprecated)
                        diagnose_warning(r->diagnostics, a->deprecated, i->key->mark,
                                        "'%s' is deprecated; write '%s'", a->name, a->replacement);

                Value v = { .key = i->key, .node = i, .mark = i->mark };
                if (take_value(r, a, i, &v) && a->set)
                        a->set(r, &v);
        }
        diagnose_missing(r, table, mapping);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json-schema.h"

#include <ctype.h>

#include "manifest.h"
#include "text.h"

/* The JSON Schema (draft 7) of the manifest: one definition for each table of attributes. It says
 * what can be said of one mapping by itself; the rest only the generator can tell. Null and absent
 * are the same in a manifest, so null is good wherever an attribute is optional. */

/* What attributes of the same type share. Texts may look like anything in YAML; a template that
 * nobody filled in is none. Time spans as in basic/timespan.c. */
static const char definitions[]
                = "    \"text\": {\"type\": [\"string\", \"number\", \"boolean\", \"null\"], "
                  "\"not\": {\"type\": \"string\", \"pattern\": "
                  "\"\\\\{\\\\{|\\\\$\\\\{\"}},\n"
                  "    \"number\": {\"anyOf\": [{\"type\": \"null\"}, "
                  "{\"type\": \"number\", \"exclusiveMinimum\": 0}, "
                  "{\"type\": \"string\", \"pattern\": \"^\\\\+?[0-9]*\\\\.?[0-9]+"
                  "([eE][-+]?[0-9]+)?$\"}]},\n"
                  "    \"timespan\": {\"anyOf\": [{\"type\": \"null\"}, "
                  "{\"type\": \"number\", \"minimum\": 0}, "
                  "{\"type\": \"string\", \"pattern\": "
                  "\"^[ \\\\t]*(infinity|([0-9]+(\\\\.[0-9]+)?[ \\\\t]*"
                  "(usec|us|µs|μs|msec|ms|seconds?|sec|s|minutes?|min|months?|m|M|hours?|hr|h|"
                  "days?|d|weeks?|w|years?|y)?[ \\\\t]*)+)[ \\\\t]*$\"}]},\n"
                  "    \"cpu\": {\"anyOf\": [{\"type\": \"null\"}, "
                  "{\"type\": \"number\", \"minimum\": 0}, "
                  "{\"type\": \"string\", \"pattern\": "
                  "\"^[0-9]+(m|\\\\.[0-9]{1,3})?$\"}]},\n"
                  "    \"memory\": {\"anyOf\": [{\"type\": \"null\"}, "
                  "{\"type\": \"number\", \"minimum\": 0}, "
                  "{\"type\": \"string\", \"pattern\": "
                  "\"^[0-9]+(\\\\.[0-9]+)?(m|[KMGTPE]i|[kMGTPE])?$\"}]},\n"
                  "    \"setting\": {\"anyOf\": [{\"$ref\": \"#/definitions/text\"}, "
                  "{\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/text\"}}]}";

/* Of the text of an attribute, of each text of a list, or of the names of settings. */
#define LABEL     "[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?"
#define FILE_NAME "^[-A-Za-z0-9_][-A-Za-z0-9_.]*$"
#define WORKSPACE "^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$"
#define NO_DOTS   "(?!(.*/)?\\.\\.(/|$))"
#define PATH      "^(?!/(usr|proc|sys|dev|run|etc|tmp)$)(?!.*(//|/\\.(/|$)))" NO_DOTS "/[^:]*[^:/]$"

static const struct {
        const char *table, *attribute, *pattern;
} patterns[] = {
        { "the manifest", "name", "^[a-z0-9][-a-z0-9]{0,46}[a-z0-9]$" },
        { "the manifest", "workspace", WORKSPACE },
        { "worker", "stack", "^" LABEL "(\\+" LABEL ")?(:[0-9]+(\\.[0-9]+)*)?$" },
        { "worker", "runAsUser", "^(?!root$)[a-z_][-a-z0-9_]{0,30}$" },
        { "worker", "envs", "^[A-Za-z_][A-Za-z0-9_]*$" },
        { "worker", "configs", FILE_NAME },
        { "autoScaling", "backlog", "^[a-z][-A-Za-z0-9]*$" },
        { "dataosSecrets", "name", FILE_NAME },
        { "dataosSecrets", "workspace", WORKSPACE },
        { "dataosSecrets", "key", FILE_NAME },
        { "dataosSecrets", "keys", FILE_NAME },
        { "dataosVolumes", "name", FILE_NAME },
        { "dataosVolumes", "directory",
                        "^(?!/*$)(?!/(etc|usr|proc|sys|dev|run)(/|$))" NO_DOTS ".+$" },
        { "dataosVolumes", "subPath", "^" NO_DOTS },
        { "sandbox", "ReadWritePaths", PATH },
        { "sandbox", "ReadOnlyPaths", PATH },
        { "sandbox", "ExecPaths", PATH },
        { "sandbox", "RestrictAddressFamilies", "^AF_[A-Z0-9_]*$" },
        { "sandbox", "SystemCallFilter", "^~?(@[a-z-]+|[a-z0-9_]+)$" },
};

/* What attributes of one mapping have to do with each other. */
static const struct {
        const char *table, *members;
} relations[] = {
        { "the manifest", "\"oneOf\": ["
                          "{\"properties\": {\"version\": {\"const\": \"v1beta\"}, "
                          "\"worker\": {\"type\": \"object\"}}, "
                          "\"required\": [\"worker\"], \"not\": {\"required\": [\"spec\"]}}, "
                          "{\"properties\": {\"version\": {\"const\": \"v2alpha\"}, "
                          "\"spec\": {\"type\": \"object\"}}, "
                          "\"required\": [\"spec\"], \"not\": {\"required\": [\"worker\"]}}]" },
        { "worker", "\"not\": {\"required\": [\"autoScaling\", \"autoscaling\"]}" },
        { "autoScaling", "\"if\": {\"type\": \"object\", \"properties\": {\"enabled\": {\"enum\": "
                         "[true, null]}}}, \"then\": {\"required\": [\"maxReplicas\"], "
                         "\"properties\": {\"maxReplicas\": {\"type\": \"integer\"}}}, "
                         "\"allOf\": [{\"if\": {\"properties\": {\"minReplicas\": {\"const\": 0}}, "
                         "\"required\": [\"minReplicas\"]}, \"then\": {\"required\": "
                         "[\"backlog\"]}}]" },
};

static const char *pattern_of(const Table *table, const Attribute *a) {
        for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
                if (STREQ(patterns[i].table, table->name) && STREQ(patterns[i].attribute, a->name))
                        return patterns[i].pattern;
        return NULL;
}

/* --- one attribute --------------------------------------------------------------------------- */

static void print_member(StrBuf *b, const char *name, const char *text) {
        strbuf_printf(b, "\"%s\": ", name);
        append_json_string(b, text);
}

static void print_reference(StrBuf *b, const char *definition) {
        strbuf_printf(b, "\"allOf\": [{\"$ref\": \"#/definitions/%s\"}]", definition);
}

static void print_kind(StrBuf *b, const Attribute *a, const char *type) {
        if (a->missing)
                strbuf_printf(b, "\"type\": \"%s\"", type);
        else
                strbuf_printf(b, "\"type\": [\"%s\", \"null\"]", type);
}

static void print_text(StrBuf *b, const Attribute *a, const char *pattern) {
        print_reference(b, "text");
        if (a->missing)
                strbuf_append(b, ", \"type\": [\"string\", \"number\", \"boolean\"]");
        if (pattern) {
                strbuf_append(b, ", ");
                print_member(b, "pattern", pattern);
        }
}

/* A pattern of the words in any case of letters, as draft 7 has no flag for it. */
static void print_any_case(StrBuf *b, const Attribute *a) {
        strbuf_append(b, "{\"type\": \"string\", \"pattern\": \"^(");
        for (const char *const *i = a->values; *i; i++) {
                for (const char *p = *i; *p; p++)
                        strbuf_printf(b, "[%c%c]", toupper((unsigned char) *p),
                                        tolower((unsigned char) *p));
                strbuf_append(b, i[1] ? "|" : ")$\"}");
        }
}

static void print_enum(StrBuf *b, const Attribute *a) {
        strbuf_append(b, a->any_case ? "\"anyOf\": [{\"enum\": [" : "\"enum\": [");
        for (const char *const *i = a->values; *i; i++) {
                append_json_string(b, *i);
                strbuf_append(b, i[1] ? ", " : "");
        }
        strbuf_append(b, a->missing ? "]" : ", null]");
        if (!a->any_case)
                return;
        strbuf_append(b, "}, ");
        print_any_case(b, a);
        strbuf_append(b, "]");
}

static void print_strings(StrBuf *b, const Attribute *a, const char *pattern) {
        print_kind(b, a, "array");
        strbuf_append(b, ", \"items\": {");
        print_text(b, &(Attribute){ 0 }, pattern);
        strbuf_append(b, "}");
}

static void print_settings(StrBuf *b, const Attribute *a, const char *pattern) {
        print_kind(b, a, "object");
        strbuf_printf(b, ", \"additionalProperties\": {\"$ref\": \"#/definitions/%s\"}",
                        a->lists ? "setting" : "text");
        if (pattern) {
                strbuf_append(b, ", \"propertyNames\": {");
                print_member(b, "pattern", pattern);
                strbuf_append(b, "}");
        }
        if (STREQ(a->name, "backlog")) /* the plugin, and settings of its own */
                strbuf_append(b, ", \"required\": [\"plugin\"], \"properties\": {\"plugin\": "
                                 "{\"type\": \"string\", \"pattern\": "
                                 "\"^[a-z0-9][-a-z0-9_.]*$\"}}");
}

static void print_list(StrBuf *b, const Attribute *a) {
        print_kind(b, a, "array");
        if (a->type == TYPE_NAMES)
                strbuf_printf(b,
                                ", \"items\": {\"anyOf\": [{\"$ref\": \"#/definitions/text\"}, "
                                "{\"$ref\": \"#/definitions/%s\"}]}",
                                a->table->name);
        else {
                strbuf_append(b, ", \"items\": {\"type\": \"object\", ");
                print_reference(b, a->table->name);
                strbuf_append(b, "}");
        }
}

static void print_type(StrBuf *b, const Attribute *a, const char *pattern) {
        switch (a->type) {
        case TYPE_BOOLEAN:
                print_kind(b, a, "boolean");
                break;
        case TYPE_INTEGER:
                print_kind(b, a, "integer");
                strbuf_printf(b, ", \"minimum\": %ju", (uintmax_t) a->min);
                if (a->max > 0)
                        strbuf_printf(b, ", \"maximum\": %ju", (uintmax_t) a->max);
                break;
        case TYPE_NUMBER:
                print_reference(b, "number");
                break;
        case TYPE_TIMESPAN:
                print_reference(b, "timespan");
                break;
        case TYPE_CPU:
                print_reference(b, "cpu");
                break;
        case TYPE_MEMORY:
                print_reference(b, "memory");
                break;
        case TYPE_ENUM:
                print_enum(b, a);
                break;
        case TYPE_STRINGS:
                print_strings(b, a, pattern);
                break;
        case TYPE_SETTINGS:
                print_settings(b, a, pattern);
                break;
        case TYPE_SPEC:
                print_kind(b, a, "object");
                break;
        case TYPE_MAPPING:
                print_reference(b, a->table->name);
                break;
        case TYPE_LIST:
        case TYPE_NAMES:
                print_list(b, a);
                break;
        default:
                print_text(b, a, pattern);
        }
}

/* --- tables ---------------------------------------------------------------------------------- */

static void print_properties(StrBuf *b, const Table *table, const char *indent) {
        bool first = true;

        strbuf_printf(b, "%s\"properties\": {\n", indent);
        for (const Attribute *a = table->attributes; a->name; a++) {
                if (a->type == TYPE_REFUSED)
                        continue;
                strbuf_printf(b, "%s%s  \"%s\": {", first ? "" : ",\n", indent, a->name);
                if (a->summary) {
                        print_member(b, "description", a->summary);
                        strbuf_append(b, ", ");
                }
                print_type(b, a, pattern_of(table, a));
                if (a->replacement) {
                        strbuf_append(b, ", ");
                        print_member(b, "deprecationMessage", a->replacement);
                }
                strbuf_append(b, "}");
                first = false;
        }
        strbuf_printf(b, "\n%s}", indent);
}

/* The members that describe a mapping. */
static void print_table(StrBuf *b, const Table *table, const char *indent) {
        bool first = true;

        strbuf_printf(b, "%s\"additionalProperties\": false,\n%s\"required\": [", indent, indent);
        for (const Attribute *a = table->attributes; a->name; a++)
                if (a->missing) {
                        strbuf_printf(b, "%s\"%s\"", first ? "" : ", ", a->name);
                        first = false;
                }
        strbuf_append(b, "],\n");
        for (size_t i = 0; i < ARRAY_SIZE(relations); i++)
                if (STREQ(relations[i].table, table->name))
                        strbuf_printf(b, "%s%s,\n", indent, relations[i].members);
        print_properties(b, table, indent);
}

/* The tables below one, each once. */
typedef struct Tables {
        const Table *items[32];
        size_t n;
} Tables;

static void gather_tables(const Table *table, Tables *t) {
        for (const Attribute *a = table->attributes; a->name; a++) {
                bool known = !a->table || t->n == ARRAY_SIZE(t->items);
                for (size_t i = 0; i < t->n; i++)
                        known = known || t->items[i] == a->table;
                if (known)
                        continue;
                t->items[t->n++] = a->table;
                gather_tables(a->table, t);
        }
}

void print_json_schema(StrBuf *b) {
        Tables tables = { 0 };

        gather_tables(manifest_table(), &tables);
        strbuf_append(b, "{\n"
                         "  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
                         "  \"title\": \"Worker manifest\",\n"
                         "  \"description\": \"See worker.manifest(5).\",\n"
                         "  \"type\": \"object\",\n");
        print_table(b, manifest_table(), "  ");
        strbuf_append(b, ",\n  \"definitions\": {\n");
        strbuf_append(b, definitions);
        for (size_t i = 0; i < tables.n; i++) {
                strbuf_printf(b, ",\n    \"%s\": {\n      \"type\": [\"object\", \"null\"],\n",
                                tables.items[i]->name);
                print_table(b, tables.items[i], "      ");
                strbuf_append(b, "\n    }");
        }
        strbuf_append(b, "\n  }\n}\n");
}

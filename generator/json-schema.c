/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json-schema.h"

#include "manifest.h"
#include "text.h"

static void indent(StrBuf *b, unsigned depth) {
        for (unsigned i = 0; i < depth; i++)
                strbuf_append(b, "  ");
}

static void print_table(const Table *table, unsigned depth, StrBuf *b);

/* The members of one attribute's schema that follow from its type. */
static void print_type(const Attribute *a, unsigned depth, StrBuf *b) {
        switch (a->type) {
        case TYPE_BOOLEAN:
                strbuf_append(b, "\"type\": \"boolean\"");
                break;
        case TYPE_INTEGER:
                strbuf_printf(b, "\"type\": \"integer\", \"minimum\": %ju", (uintmax_t) a->min);
                if (a->max > 0)
                        strbuf_printf(b, ", \"maximum\": %ju", (uintmax_t) a->max);
                break;
        case TYPE_NUMBER:
                strbuf_append(b, "\"type\": \"number\", \"exclusiveMinimum\": 0");
                break;
        case TYPE_ENUM:
                strbuf_append(b, "\"enum\": [");
                for (const char *const *i = a->values; *i; i++) {
                        append_json_string(b, *i);
                        strbuf_append(b, i[1] ? ", " : "]");
                }
                break;
        case TYPE_TIMESPAN:
        case TYPE_CPU:
        case TYPE_MEMORY:
                strbuf_append(b, "\"type\": [\"string\", \"number\"]");
                break;
        case TYPE_STRINGS:
                strbuf_append(b, "\"type\": \"array\", \"items\": {\"type\": [\"string\", "
                                 "\"number\", "
                                 "\"boolean\"]}");
                break;
        case TYPE_SETTINGS:
        case TYPE_SPEC:
                strbuf_append(b, "\"type\": \"object\"");
                break;
        case TYPE_MAPPING:
                print_table(a->table, depth, b);
                break;
        case TYPE_LIST:
                strbuf_append(b, "\"type\": \"array\", \"items\": {");
                print_table(a->table, depth, b);
                strbuf_append(b, "}");
                break;
        case TYPE_NAMES:
                strbuf_append(b, "\"type\": \"array\", \"items\": {\"type\": [\"string\", "
                                 "\"object\"]}");
                break;
        default:
                strbuf_append(b, "\"type\": [\"string\", \"number\", \"boolean\"]");
        }
}

static void print_attribute(const Attribute *a, unsigned depth, StrBuf *b) {
        indent(b, depth);
        append_json_string(b, a->name);
        strbuf_append(b, ": {");
        if (a->summary) {
                strbuf_append(b, "\"description\": ");
                append_json_string(b, a->summary);
                strbuf_append(b, ", ");
        }
        print_type(a, depth, b);
        strbuf_append(b, "}");
}

static void print_table(const Table *table, unsigned depth, StrBuf *b) {
        bool first = true;

        strbuf_append(b, "\"type\": \"object\", \"additionalProperties\": false, \"required\": [");
        for (const Attribute *a = table->attributes; a->name; a++) {
                if (!a->missing)
                        continue;
                strbuf_append(b, first ? "" : ", ");
                append_json_string(b, a->name);
                first = false;
        }
        strbuf_append(b, "], \"properties\": {\n");

        first = true;
        for (const Attribute *a = table->attributes; a->name; a++) {
                if (a->type == TYPE_REFUSED)
                        continue;
                strbuf_append(b, first ? "" : ",\n");
                print_attribute(a, depth + 1, b);
                first = false;
        }
        strbuf_append(b, "\n");
        indent(b, depth);
        strbuf_append(b, "}");
}

void print_json_schema(StrBuf *b) {
        strbuf_append(b, "{\n"
                         "  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
                         "  \"title\": \"Worker manifest\",\n  ");
        print_table(manifest_table(), 1, b);
        strbuf_append(b, "\n}\n");
}

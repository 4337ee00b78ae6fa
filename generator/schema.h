/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "strbuf.h"
#include "timespan.h"
#include "yaml-node.h"

/* Of one text and of all texts of one list or mapping, in bytes. systemd reads lines up to 1 MiB
 * only, escapes can double a text, and four lists may meet in one line. */
enum {
        STRING_SIZE_MAX = 64 * 1024,
        LIST_SIZE_MAX = 100 * 1024,
};

/* Mappings described by tables. A row says what an attribute is called, what values it takes and
 * where a good value goes; all checks that a row can express are made here, and only good values
 * reach a setter. The JSON Schema of the manifest is printed from the same rows. */

/* A list of texts, or of NAME: text, out of a manifest. Lives in the arena. */
typedef struct Item Item;

struct Item {
        const char *name; /* NULL in a plain list */
        const char *text;
        Mark name_mark;
        Mark mark;
        Item *next;
};

typedef struct List {
        Item *first, *last;
        unsigned n;
} List;

bool list_contains(const List *l, const char *text);

/* Appends a copy of the item. Returns 0 or -ENOMEM. */
int list_append(List *l, Arena *arena, Item item);

typedef enum AttributeType {
        TYPE_STRING,
        TYPE_BOOLEAN,
        TYPE_INTEGER,  /* min to max */
        TYPE_NUMBER,   /* decimal, above 0 */
        TYPE_TIMESPAN, /* systemd.time(7) */
        TYPE_ENUM,     /* one of values */
        TYPE_CPU,      /* thousandths of a core */
        TYPE_MEMORY,   /* bytes */
        TYPE_STRINGS,  /* list of strings */
        TYPE_SETTINGS, /* mapping of free names to single values */
        TYPE_MAPPING,  /* of table */
        TYPE_LIST,     /* of mappings of table */
        TYPE_NAMES,    /* of names, or of mappings of table */
        TYPE_SPEC,     /* mapping that belongs to the stack: kept as it is */
        TYPE_TEXT,     /* as it is, templates and all; the setter looks at the node */
        TYPE_ANY,      /* whatever it is: known, and not looked at */
        TYPE_REFUSED,  /* never accepted: message says why */
} AttributeType;

/* A checked value on its way to a setter. */
typedef struct Value {
        const Node *key;
        const Node *node;
        Mark mark;
        const char *string; /* STRING, ENUM (as in the row), NAMES; NULL for a mapping of NAMES */
        uint64_t integer;   /* INTEGER; CPU: thousandths of a core; MEMORY: bytes */
        double number;
        usec_t timespan;
        bool boolean;
        List list; /* STRINGS, SETTINGS */
} Value;

typedef struct Reader Reader;
typedef struct Table Table;

typedef struct Attribute {
        const char *name;
        AttributeType type;
        void (*set)(Reader *r, const Value *v); /* MAPPING, LIST, NAMES: called before its rows */
        const Table *table;
        uint64_t min, max;         /* INTEGER; max 0: no upper bound */
        const char *const *values; /* ENUM, NULL-terminated */
        bool any_case;             /* ENUM */
        bool lists;             /* SETTINGS: a value may be a list, which is a name several times */
        const char *missing;    /* code of the error when it is missing; NULL: optional */
        const char *message;    /* REFUSED: "why; what to do" */
        const char *deprecated; /* code of the warning that names the replacement */
        const char *replacement;
        const char *summary; /* one line for the JSON Schema */
} Attribute;

struct Table {
        const char *name;            /* for messages: "in 'worker'" */
        const Attribute *attributes; /* ends with a row without a name */
};

/* What reading needs around it. Embedded in or extended by the owner of the tables. */
struct Reader {
        Arena *arena;
        Diagnostics *diagnostics;
        const Table *root; /* where a misplaced key may belong */
        struct Manifest *manifest;
        struct Stack *stack;
        bool out_of_memory;
};

/* Reads a mapping by its table; problems go to the reader's diagnostics. */
void read_mapping(Reader *r, const Table *table, const Node *mapping);

/* Whether text holds "${{", "{{" or "${": a template that nobody filled in. */
bool is_placeholder(const char *text);

/* What an attribute is, for messages: "true or false", "a list of strings", ... */
const char *attribute_type_to_string(AttributeType t);

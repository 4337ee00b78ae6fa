/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "yaml-read.h"

#include <errno.h>
#include <yaml.h>

#include "text.h"

/* Where the next node goes: the innermost open collection and, in a mapping, its waiting key. */
typedef struct Level {
        Node *node;
        Node *key;
        bool key_is_bad; /* the key was refused: its value is parsed and dropped */
} Level;

typedef struct Builder {
        const Source *source;
        Arena *arena;
        Diagnostics *diagnostics;
        Document *document; /* the one that is open */
        Document **tail;
        Level levels[YAML_DEPTH_MAX];
        unsigned depth;
        unsigned skip; /* open collections inside a refused key */
        unsigned n_nodes;
} Builder;

static Mark mark_of(const Source *source, const yaml_mark_t *start, const yaml_mark_t *end) {
        return (Mark){
                .source = source,
                .line = (unsigned) start->line + 1,
                .column = (unsigned) start->column + 1,
                .length = end->line == start->line && end->column > start->column
                                          ? (unsigned) (end->column - start->column)
                                          : 1,
        };
}

static ScalarStyle style_of(yaml_scalar_style_t style) {
        switch (style) {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
                return SCALAR_QUOTED;
        case YAML_LITERAL_SCALAR_STYLE:
        case YAML_FOLDED_SCALAR_STYLE:
                return SCALAR_BLOCK;
        default:
                return SCALAR_PLAIN;
        }
}

static Node *node_new(Builder *b, NodeKind kind, const yaml_event_t *e) {
        size_t size = kind == NODE_SCALAR ? e->data.scalar.length : 0;
        Node *n = arena_alloc(b->arena, sizeof(Node) + size + 1); /* its text behind it */
        if (!n)
                return NULL;

        n->kind = kind;
        n->mark = mark_of(b->source, &e->start_mark, &e->end_mark);
        if (kind == NODE_SCALAR) {
                n->style = style_of(e->data.scalar.style);
                n->size = size;
                n->text = memcpy(n + 1, e->data.scalar.value, size);
        } else
                n->mark.length = 1; /* a collection's first character */
        return n;
}

static void append_child(Node *parent, Node *child) {
        if (parent->last)
                parent->last->next = child;
        else
                parent->first = child;
        parent->last = child;
}

/* The characters of the unfilled "{{name}}" that begins at p, 0 when none does. */
static unsigned placeholder_length(const char *p) {
        size_t size = strcspn(p, "\r\n");
        const char *end = startswith(p, "{{") ? memmem(p, size, "}}", 2) : NULL;
        unsigned length = 0;

        if (!end)
                return 0;
        size = (size_t) (end - p) + 2;
        for (size_t i = 0; i < size; i += utf8_length(p + i, size - i))
                length++;
        return length;
}

/* The unfilled "{{name}}" that one of the braces at the mark opens; NULL when it is none. */
static const char *find_placeholder(const Builder *b, Mark *mark) {
        const char *p = source_at(b->source, *mark);
        if (!p)
                return NULL;
        if (p > b->source->text && p[-1] == '{') { /* the value is a mapping, this is its key */
                p--;
                mark->column--;
        }

        unsigned length = placeholder_length(p);
        mark->length = length > 0 ? length : 1;
        return length > 0 ? p : NULL;
}

static void diagnose_key(Builder *b, const yaml_event_t *e) {
        Mark mark = mark_of(b->source, &e->start_mark, &e->start_mark), braces = mark;
        const char *placeholder = find_placeholder(b, &braces);

        b->levels[b->depth - 1].node->key_refused = true;
        if (placeholder)
                diagnose_error(b->diagnostics, "E-PLACEHOLDER", braces,
                                "unfilled placeholder '%.*s': templates are not filled in here; "
                                "write the value itself",
                                (int) (strstr(placeholder, "}}") + 2 - placeholder), placeholder);
        else
                diagnose_error(b->diagnostics, "E-KEY", mark,
                                "a key that is not a single value: a manifest has only text as "
                                "keys; remove the brackets");
}

static const char *tag_of(const yaml_event_t *e) {
        switch (e->type) {
        case YAML_SCALAR_EVENT:
                return (const char *) e->data.scalar.tag;
        case YAML_SEQUENCE_START_EVENT:
                return (const char *) e->data.sequence_start.tag;
        case YAML_MAPPING_START_EVENT:
                return (const char *) e->data.mapping_start.tag;
        default:
                return NULL;
        }
}

static const char *anchor_of(const yaml_event_t *e) {
        switch (e->type) {
        case YAML_SCALAR_EVENT:
                return (const char *) e->data.scalar.anchor;
        case YAML_SEQUENCE_START_EVENT:
                return (const char *) e->data.sequence_start.anchor;
        case YAML_MAPPING_START_EVENT:
                return (const char *) e->data.mapping_start.anchor;
        case YAML_ALIAS_EVENT:
                return (const char *) e->data.alias.anchor;
        default:
                return NULL;
        }
}

static void diagnose_features(Builder *b, const yaml_event_t *e) {
        Mark mark = mark_of(b->source, &e->start_mark, &e->start_mark);
        const char *anchor = anchor_of(e), *tag = tag_of(e);

        if (anchor)
                diagnose_error(b->diagnostics, "E-YAML-ANCHOR", mark,
                                "%s '%s': anchors and aliases are not understood in a manifest; "
                                "write the value out",
                                e->type == YAML_ALIAS_EVENT ? "alias" : "anchor", anchor);
        if (tag)
                diagnose_error(b->diagnostics, "E-YAML-TAG", mark,
                                "tag '%s': explicit tags are not understood in a manifest; remove "
                                "it",
                                tag);
}

/* Files a finished scalar or a collection that begins under what is open.
 * Returns whether it was kept. */
static bool attach(Builder *b, Node *n) {
        if (b->depth == 0) {
                if (b->document) /* libyaml begins one first */
                        b->document->root = n;
                return true;
        }

        Level *l = &b->levels[b->depth - 1];
        if (l->node->kind == NODE_SEQUENCE) {
                append_child(l->node, n);
                return true;
        }
        if (l->key_is_bad) {
                l->key_is_bad = false;
                return false;
        }
        if (!l->key) {
                l->key = n;
                return true;
        }
        n->key = TAKE_PTR(l->key);
        append_child(l->node, n);
        return true;
}

static bool expects_key(const Builder *b) {
        const Level *l = b->depth > 0 ? &b->levels[b->depth - 1] : NULL;
        return l && l->node->kind == NODE_MAPPING && !l->key && !l->key_is_bad;
}

static void diagnose_duplicate(const Builder *b, const Node *before, const Node *n) {
        diagnose_error(b->diagnostics, "E-DUPLICATE-KEY", n->key->mark,
                        "duplicate key '%s': it stands in line %u already; keep one of them",
                        n->key->text, before->key->mark.line);
}

/* By key, and for one key in the order of the source. */
static int compare_keys(const void *a, const void *b) {
        const Node *x = *(const Node *const *) a, *y = *(const Node *const *) b;
        int c = strcmp(x->key->text, y->key->text);
        if (c != 0)
                return c;
        if (x->key->mark.line != y->key->mark.line)
                return x->key->mark.line < y->key->mark.line ? -1 : 1;
        return x->key->mark.column < y->key->mark.column ? -1 : 1;
}

/* Sorted rather than compared pairwise, so that a mapping of thousands of keys stays cheap. */
static int find_duplicates_sorted(const Builder *b, const Node *mapping, size_t n) {
        CLEANUP(freep) const Node **sorted = reallocarray(NULL, n, sizeof(Node *));
        size_t k = 0;

        if (!sorted)
                return -ENOMEM;
        for (const Node *i = mapping->first; i; i = i->next)
                sorted[k++] = i;
        qsort(sorted, n, sizeof(Node *), compare_keys);

        for (size_t i = 1; i < n; i++)
                if (STREQ(sorted[i - 1]->key->text, sorted[i]->key->text))
                        diagnose_duplicate(b, sorted[i - 1], sorted[i]);
        return 0;
}

static int find_duplicates(const Builder *b, const Node *mapping) {
        enum { FEW = 16 };
        size_t n = 0;

        for (const Node *i = mapping->first; i; i = i->next)
                n++;
        if (n > FEW)
                return find_duplicates_sorted(b, mapping, n);

        for (const Node *i = mapping->first; i; i = i->next)
                for (const Node *k = mapping->first; k != i; k = k->next)
                        if (STREQ(k->key->text, i->key->text)) {
                                diagnose_duplicate(b, k, i);
                                break;
                        }
        return 0;
}

/* -E2BIG: a limit was met, and told. */
static int open_collection(Builder *b, NodeKind kind, const yaml_event_t *e) {
        if (b->skip > 0 || expects_key(b)) {
                if (b->skip == 0)
                        diagnose_key(b, e);
                b->skip++;
                return 0;
        }

        if (b->depth == YAML_DEPTH_MAX) {
                diagnose_error(b->diagnostics, "E-LIMIT",
                                mark_of(b->source, &e->start_mark, &e->start_mark),
                                "nested too deeply: %d levels are the limit; flatten the manifest",
                                YAML_DEPTH_MAX);
                return -E2BIG;
        }

        Node *n = node_new(b, kind, e);
        if (!n)
                return -ENOMEM;
        (void) attach(b, n);
        b->levels[b->depth++] = (Level){ .node = n };
        return 0;
}

static int close_collection(Builder *b) {
        if (b->skip > 0) {
                b->skip--;
                if (b->skip == 0)
                        b->levels[b->depth - 1].key_is_bad = true;
                return 0;
        }

        if (b->depth == 0) /* libyaml ends no more than it began */
                return 0;
        const Node *n = b->levels[--b->depth].node;
        return n->kind == NODE_MAPPING ? find_duplicates(b, n) : 0;
}

static int add_scalar(Builder *b, const yaml_event_t *e) {
        if (b->skip > 0)
                return 0;

        Node *n = node_new(b, NODE_SCALAR, e);
        if (!n)
                return -ENOMEM;
        if (expects_key(b) && strlen(n->text) != n->size)
                diagnose_error(b->diagnostics, "E-CONTROL", n->mark,
                                "NUL character in a key: it would end there; remove it");
        (void) attach(b, n);
        return 0;
}

/* An alias stands for a value; null is put in its place, as it was refused already. */
static int add_alias(Builder *b, const yaml_event_t *e) {
        if (b->skip > 0)
                return 0;

        Node *n = arena_new(b->arena, Node);
        if (!n)
                return -ENOMEM;
        *n = (Node){ .mark = mark_of(b->source, &e->start_mark, &e->end_mark), .text = "" };
        (void) attach(b, n);
        return 0;
}

static int begin_document(Builder *b, const yaml_event_t *e) {
        b->document = arena_new(b->arena, Document);
        if (!b->document)
                return -ENOMEM;
        b->document->incomplete = true;
        b->document->line = (unsigned) e->start_mark.line + 1;
        *b->tail = b->document;
        b->tail = &b->document->next;
        return 0;
}

static int handle_event(Builder *b, const yaml_event_t *e) {
        diagnose_features(b, e);

        if (e->type >= YAML_ALIAS_EVENT && ++b->n_nodes > YAML_NODES_MAX) {
                diagnose_error(b->diagnostics, "E-LIMIT",
                                mark_of(b->source, &e->start_mark, &e->start_mark),
                                "too many values: %d are the limit of one file; split the file",
                                YAML_NODES_MAX);
                return -E2BIG;
        }

        switch (e->type) {
        case YAML_DOCUMENT_START_EVENT:
                return begin_document(b, e);
        case YAML_DOCUMENT_END_EVENT:
                if (b->document)
                        b->document->incomplete = false;
                return 0;
        case YAML_SEQUENCE_START_EVENT:
                return open_collection(b, NODE_SEQUENCE, e);
        case YAML_MAPPING_START_EVENT:
                return open_collection(b, NODE_MAPPING, e);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                return close_collection(b);
        case YAML_SCALAR_EVENT:
                return add_scalar(b, e);
        case YAML_ALIAS_EVENT:
                return add_alias(b, e);
        default:
                return 0;
        }
}

/* libyaml tells the byte that does not continue a character; here, where that character begins. */
static Mark mark_of_byte(const Source *s, size_t offset) {
        size_t at = offset;

        while (at > 0 && offset - at < 3 && ((unsigned char) s->text[at - 1] & 0xc0) == 0x80)
                at--;
        if (at > 0 && (unsigned char) s->text[at - 1] >= 0xc0
                        && utf8_length(s->text + at - 1, s->size - at + 1) == 1)
                return source_mark(s, at - 1);
        return source_mark(s, offset);
}

/* libyaml speaks of tokens; a tired administrator wants to know what to change. */
static void diagnose_syntax(Builder *b, const yaml_parser_t *parser) {
        Mark mark = mark_of(b->source, &parser->problem_mark, &parser->problem_mark);
        const char *problem = parser->problem ? parser->problem : "cannot be read";
        size_t size;

        if (parser->error == YAML_READER_ERROR) {
                diagnose_error(b->diagnostics, "E-ENCODING",
                                mark_of_byte(b->source, parser->problem_offset),
                                "not text in UTF-8: %s; save the file as UTF-8, without control "
                                "characters",
                                problem);
                return;
        }

        const char *line = source_line(b->source, mark.line, &size);
        size_t indent = 0;
        while (line && indent < size && line[indent] == ' ')
                indent++;
        if (line && indent < size && line[indent] == '\t') {
                mark.column = (unsigned) indent + 1;
                diagnose_error(b->diagnostics, "E-YAML-SYNTAX", mark,
                                "tab used for indentation: YAML allows spaces only; replace it by "
                                "spaces");
                return;
        }

        diagnose_error(b->diagnostics, "E-YAML-SYNTAX", mark, "YAML syntax: %s%s%s; %s", problem,
                        parser->context ? " " : "", parser->context ? parser->context : "",
                        strstr(problem, "mapping values")
                                        ? "put a text with ': ' in it in quotes, or check the "
                                          "indentation here and in the line before"
                                        : "check quotes, brackets and indentation up to here");
}

static int parse_events(Builder *b, yaml_parser_t *parser) {
        for (;;) {
                yaml_event_t event;
                if (!yaml_parser_parse(parser, &event)) {
                        if (parser->error == YAML_MEMORY_ERROR)
                                return -ENOMEM;
                        diagnose_syntax(b, parser);
                        return 0;
                }

                bool end = event.type == YAML_STREAM_END_EVENT;
                int r = handle_event(b, &event);
                yaml_event_delete(&event);
                if (r < 0)
                        return r == -E2BIG ? 0 : r;
                if (end)
                        return 0;
        }
}

int yaml_read(const Source *source, Arena *arena, Diagnostics *d, Document **ret) {
        Document *documents = NULL;
        Builder b = {
                .source = source,
                .arena = arena,
                .diagnostics = d,
                .tail = &documents,
        };

        yaml_parser_t parser;
        if (!yaml_parser_initialize(&parser))
                return -ENOMEM;
        yaml_parser_set_input_string(&parser, (const unsigned char *) source->text, source->size);
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);

        int r = parse_events(&b, &parser);
        yaml_parser_delete(&parser);
        if (r < 0)
                return r;

        *ret = documents;
        return 0;
}

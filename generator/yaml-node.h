/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "arena.h"
#include "diagnostic.h"
#include "source.h"

/* The YAML that a manifest may use, as a tree with places; yaml-read.h makes it. */

enum {
        YAML_DEPTH_MAX = 64,
};

typedef enum NodeKind {
        NODE_SCALAR,
        NODE_SEQUENCE,
        NODE_MAPPING,
} NodeKind;

typedef enum ScalarStyle {
        SCALAR_PLAIN,
        SCALAR_QUOTED,
        SCALAR_BLOCK, /* literal or folded: always text */
} ScalarStyle;

typedef struct Node Node;

struct Node {
        NodeKind kind;
        ScalarStyle style;
        Mark mark;
        const char *text; /* of a scalar, NUL-terminated; may hold NUL bytes before its end */
        size_t size;      /* of text */
        Node *key;        /* the scalar it is filed under, when the parent is a mapping */
        Node *next;       /* sibling */
        Node *first;      /* child, NULL when empty */
        Node *last;
        bool key_refused; /* a mapping with a key that was refused, and told */
};

/* A plain scalar that YAML reads as null. */
bool node_is_null(const Node *n);

/* What is left of an unfilled "{{name}}": an empty mapping whose only key was refused. It was told
 * there what is wrong, so that nothing has to be said about the value. */
bool node_was_refused(const Node *n);

/* The value filed under key, NULL when there is none. */
const Node *node_find(const Node *mapping, const char *key);

/* "a scalar", "a list", "a mapping", for messages. */
const char *node_kind_to_string(const Node *n);

/* A walk over all nodes below a collection, in the order of the source, without recursion. */
typedef struct NodeWalk {
        const Node *stack[YAML_DEPTH_MAX + 1];
        unsigned depth;
} NodeWalk;

NodeWalk node_walk(const Node *root);

/* The next node, NULL at the end. */
const Node *node_walk_next(NodeWalk *w);

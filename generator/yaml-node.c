/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "yaml-node.h"

bool node_is_null(const Node *n) {
        if (n->kind != NODE_SCALAR || n->style != SCALAR_PLAIN)
                return false;

        switch (n->text[0]) {
        case '\0':
                return true;
        case '~':
                return n->text[1] == '\0';
        case 'n':
        case 'N':
                return STREQ(n->text, "null") || STREQ(n->text, "Null") || STREQ(n->text, "NULL");
        default:
                return false;
        }
}

bool node_was_refused(const Node *n) {
        return n->kind == NODE_MAPPING && n->key_refused && !n->first;
}

const Node *node_find(const Node *mapping, const char *key) {
        if (mapping->kind != NODE_MAPPING)
                return NULL;
        for (const Node *i = mapping->first; i; i = i->next)
                if (STREQ(i->key->text, key))
                        return i;
        return NULL;
}

NodeWalk node_walk(const Node *root) {
        return root->first ? (NodeWalk){ .stack = { root->first }, .depth = 1 } : (NodeWalk){ 0 };
}

const Node *node_walk_next(NodeWalk *w) {
        if (w->depth == 0)
                return NULL;

        const Node *n = w->stack[--w->depth];
        if (n->next)
                w->stack[w->depth++] = n->next;
        if (n->first)
                w->stack[w->depth++] = n->first;
        return n;
}

const char *node_kind_to_string(const Node *n) {
        switch (n->kind) {
        case NODE_SCALAR:
                return node_is_null(n) ? "empty" : "a single value";
        case NODE_SEQUENCE:
                return "a list";
        case NODE_MAPPING:
                return "a mapping";
        }
        return "unknown";
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "yaml-merge.h"

typedef struct Pair {
        Node *base;
        Node *drop_in;
} Pair;

static Node *find(Node *mapping, const char *key) {
        for (Node *i = mapping->first; i; i = i->next)
                if (STREQ(i->key->text, key))
                        return i;
        return NULL;
}

static void append(Node *mapping, Node *value) {
        value->next = NULL;
        if (mapping->last)
                mapping->last->next = value;
        else
                mapping->first = value;
        mapping->last = value;
}

/* value takes the place of old, key and all, so that diagnostics name the drop-in. */
static void replace(Node *mapping, Node *old, Node *value) {
        value->next = old->next;
        if (mapping->last == old)
                mapping->last = value;
        for (Node **i = &mapping->first; *i; i = &(*i)->next)
                if (*i == old) {
                        *i = value;
                        return;
                }
}

void yaml_merge(Node *base, Node *drop_in) {
        /* each level of a mapping is left with at most the rest of it still to do */
        Pair todo[YAML_DEPTH_MAX + 1] = { { base, drop_in->first } };
        unsigned n = 1;

        while (n > 0) {
                Pair *p = &todo[n - 1];
                Node *value = p->drop_in;
                if (!value) {
                        n--;
                        continue;
                }

                p->drop_in = value->next;
                Node *old = find(p->base, value->key->text);
                if (!old)
                        append(p->base, value);
                else if (old->kind == NODE_MAPPING && value->kind == NODE_MAPPING)
                        todo[n++] = (Pair){ old, value->first };
                else
                        replace(p->base, old, value);
        }
}

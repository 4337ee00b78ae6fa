/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml-node.h"

/* Text to tree, from libyaml's events, without recursion. What YAML allows but a manifest may not
 * (anchors, aliases, tags, keys that are not scalars, duplicate keys) is diagnosed here, once, so
 * that no reader ever meets it. */

enum {
        YAML_NODES_MAX = 50000, /* of one file */
};

/* One document of a file. A document that could not be read to its end keeps what was read, so
 * that its name can still be found; it is never worth more than that. */
typedef struct Document Document;

struct Document {
        Node *root;    /* NULL: empty */
        unsigned line; /* where it begins */
        Document *next;
        bool incomplete;
};

/* Reads all documents. Problems go to d; nodes live in the arena.
 * Returns 0 (also when there are problems) or -ENOMEM. */
int yaml_read(const Source *source, Arena *arena, Diagnostics *d, Document **ret);

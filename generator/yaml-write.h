/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"
#include "yaml-node.h"

/* Appends a tree as a YAML document that reads back as the same tree: the order of keys, the text
 * of every scalar, and its kind (what was quoted stays text, what was plain stays what it is).
 * Block style, no document markers, a line break at the end. Returns 0 or -ENOMEM. */
int yaml_write(const Node *root, StrBuf *b);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml-read.h"

/* Whether two trees say the same: structure, order, texts, and the kind of each scalar, so that
 * what was a number, a truth value or null does not become text, nor text one of them. */
bool yaml_tree_equals(const Node *a, const Node *b);

/* Whether the tree reads back as itself from what yaml_write() makes of it. */
bool yaml_tree_reads_back(const Node *root);

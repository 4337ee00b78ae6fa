/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml-node.h"

/* Merges a drop-in into a document, as systemd's drop-ins change a unit: mappings are merged key by
 * key, and what else the drop-in has (a value, a list) takes the place of what was there; an empty
 * value takes a key back to its default. Nodes are shared, not copied; base is changed. Without
 * recursion. */
void yaml_merge(Node *base, Node *drop_in);

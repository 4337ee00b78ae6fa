/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manifest.h"
#include "stack.h"

/* The configuration files of a worker out of its stack's configFileTemplate: the part of Go's
 * templates that the published definitions use. Anything else is refused by name. Pure. */

/* Appends the files (name, text) to list, texts in the arena. Without a template: jobconfig.yaml
 * with the plain stackSpec. Problems are told at the manifest's "stack". Returns 0 or -ENOMEM. */
int config_files(const Manifest *m, const Stack *stack, Arena *arena, Diagnostics *d, List *ret);

/* Appends the template with its actions carried out.
 * Returns 0; -EINVAL when it holds an action that is not known, *ret_action (of static size) then
 * says which; or -ENOMEM. */
enum { TEMPLATE_ACTION_MAX = 80 };
int template_expand(const char *template, const Manifest *m, StrBuf *b, char *ret_action);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"

/* Appends the JSON Schema (draft-07, which YAML language servers know) of the manifest, made from
 * the tables of its attributes. */
void print_json_schema(StrBuf *b);

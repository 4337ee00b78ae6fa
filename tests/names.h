/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"

/* Sets of names, for tests that hold two lists together: one name a line, each with a line break
 * before and behind. */
typedef StrBuf Names;

bool names_contain(const Names *n, const char *name);
void names_add(Names *n, const char *name);

/* Appends the names of a that are not in b, each with a blank before it. */
void names_without(const Names *a, const Names *b, StrBuf *ret);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emit.h"

/* Volumes and the temporary volume of a worker. */

/* Appends the directives to [Service]. */
void storage_emit(const Worker *w, StrBuf *b);

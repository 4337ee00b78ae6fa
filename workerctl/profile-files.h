/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"

/* Where profiles are: a proposal is kept until the next boot, for it to be applied as it was shown,
 * and is then a drop-in of the administrator. All return 0 or negative errno and are silent. */

void profile_path(const char *id, StrBuf *ret);

int profile_keep(const char *id, const char *text);

/* -ENOENT when none is kept. The caller frees *ret. */
int profile_read_kept(const char *id, char **ret);

int profile_install(const char *id, const char *text);

/* -ENOENT when there is none. */
int profile_remove(const char *id);

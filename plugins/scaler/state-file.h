/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "saved-state.h"

/* The state in $RUNTIME_DIRECTORY, which systemd keeps while worker-scaler is restarted. Nothing is
 * kept where there is no such directory. */

/* Reads what the process before has left. An empty state when there is none or it can't be used,
 * which is logged. */
void state_file_read(SavedState *ret);

/* Writes text in place of what is there, at once or not at all. Returns 0 or negative errno. */
int state_file_write(const StrBuf *text);

/* Replaces the file at path by text with rename(2). */
int file_replace(const char *path, const StrBuf *text, unsigned mode);

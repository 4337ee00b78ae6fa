/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emit.h"

/* The command line of a worker: from its stack's definition, and from the stackSpec where the stack
 * says that it is there. */

/* Checks it; problems go to d. */
void command_check(const Worker *w, Diagnostics *d);

/* The program: an absolute path, or a name that systemd looks up. Of a checked worker. */
const char *command_program(const Worker *w);

/* What the stack's program is to read, when that is a path: a script. NULL: none. Of a checked
 * worker. */
const char *command_script(const Worker *w);

/* Appends ExecStart=. */
void emit_command(const Worker *w, StrBuf *b);

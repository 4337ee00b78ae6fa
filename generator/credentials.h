/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emit.h"

/* What reaches a worker through its credentials directory: configuration files, secrets, the API
 * key. systemd.exec(5), LoadCredential=; systemd.io/CREDENTIALS. */

/* Where the generator's files are once systemd reads them. */
#define GENERATED_DIRECTORY "/run/systemd/generator"

/* Gathers files and credentials. Problems go to d. Returns 0 or -ENOMEM. */
int credentials_prepare(Worker *w, const Host *host, Arena *arena, Diagnostics *d);

/* Appends the directives to [Service]. */
void credentials_emit(const Worker *w, StrBuf *b);

/* Appends the launcher and its options to an ExecStart= that has nothing yet. */
void launcher_emit(const Worker *w, StrBuf *b);

/* Adds the generated files, readable for root only. Returns 0 or -ENOMEM. */
int credentials_add_files(const Worker *w, UnitTree *tree);

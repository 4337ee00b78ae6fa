/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* What is said of names of system calls and of systemd's groups of them (systemd.exec(5),
 * SystemCallFilter=). */

/* The known name or group that was probably meant; NULL when none is near. The caller frees it. */
char *syscall_nearest(const char *name);

/* Why a system call or group may never be allowed to a worker; NULL when it may. */
const char *syscall_ingress(const char *name);

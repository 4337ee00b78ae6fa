/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* Names of system calls and of systemd's groups of them (systemd.exec(5), SystemCallFilter=). */

/* Whether libseccomp knows a system call of that name on any architecture. */
bool syscall_is_known(const char *name);

/* Whether it is one of systemd's groups, "@" included. */
bool syscall_group_is_known(const char *name);

/* The known name or group that was probably meant; NULL when none is near. */
const char *syscall_nearest_group(const char *name);

/* Why a system call or group may never be allowed to a worker; NULL when it may. */
const char *syscall_ingress(const char *name);

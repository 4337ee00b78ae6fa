/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bpf-program.h"

/* The second filter of a worker, which looks at arguments as no list of names can: of IPv4 and IPv6
 * sockets only streams. Sockets of other families are left to RestrictAddressFamilies=. */

/* Compiles it with libseccomp for the native architecture; what is denied fails with error
 * (positive). Returns 0 or negative errno; the caller releases *ret with seccomp_release(). */
int stream_filter_make(int error, scmp_filter_ctx *ret);

/* The same as a program, with EPERM. Returns 0 or negative errno. */
int stream_filter_compile(BpfProgram *ret);

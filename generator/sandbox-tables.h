/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* The directives of the sandbox, in the order in which they are written. */

typedef enum DirectiveWhen {
        ALWAYS,
        WITH_NETWORK,
        WITHOUT_NETWORK,
} DirectiveWhen;

typedef struct Directive {
        const char *name;
        const char *value;
        DirectiveWhen when;
        bool relaxable; /* by its own name below "sandbox" */
} Directive;

/* A skeleton that tmpfiles.d makes: below /run, as systemd creates mount points in it. */
#define PRIVATE_ROOT "/run/workers/root"

extern const Directive directives[];
extern const size_t directives_size;

/* With the skeleton as root: what of the host is shown in it. */
extern const Directive private_root_directives[];
extern const size_t private_root_directives_size;

/* With a root directory or image of the worker's own. */
extern const Directive own_root_directives[];
extern const size_t own_root_directives_size;

extern const Directive file_system_directives[];
extern const size_t file_system_directives_size;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manifest.h"

/* Stack definitions: what runs a worker, as data. A DataOS Stack resource with our "host" mapping.
 */

typedef struct Stack Stack;

struct Stack {
        const char *name;
        const char *version;
        const char *flavor; /* NULL: none */
        List command, arguments;
        List environment;
        Consumption secret_projection;
        const char *config_template; /* NULL: jobconfig.yaml with the plain stackSpec */
        Mark config_template_mark;
        bool needs_kubernetes; /* describes Kubernetes objects */
        bool not_for_workers;  /* describes jobs or services only */
        bool has_addresses;    /* stackSpec may hold addresses of depots */
        List image;            /* informational: the parts of a container image's name */

        const char *host_path; /* directory of programs, NULL: none; part of the command already */
        const char *root_directory, *root_image;
        bool command_from_spec; /* stackSpec has command and arguments itself */
        bool image_from_spec;   /* stackSpec.image is a root directory or image of this host */
        bool log_prefix;        /* lines carry <N> */
        bool notify;
        bool jit;

        const Source *source; /* NULL: built in */
        Stack *next;
};

/* The definitions that exist, in no order. Owns none of them. */
typedef struct Stacks {
        Stack *first;
} Stacks;

/* Reads one document of a definition; it is added to stacks when it is good. Problems go to d.
 * Returns 0 or -ENOMEM. */
int stack_read(const Source *source, const Document *document, Arena *arena, Diagnostics *d,
                Stacks *stacks);

/* Finds NAME[+FLAVOR][:VERSION]. No version: the highest, compared as numbers. No flavor: the
 * definition without one, else the only one there is. Not found: an error at mark that lists what
 * there is, and NULL. The result belongs to its arena, or is the built-in stack "exec". */
const Stack *stack_find(const Stacks *stacks, const char *reference, Mark mark, Diagnostics *d);

/* The table of a definition's top level, for tests. */
const Table *stack_definition_table(void);

/* Compares versions such as "3.10" and "3.9" as numbers: <0, 0, >0. */
int compare_versions(const char *a, const char *b);

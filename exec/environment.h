/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"

/* Credentials as environment variables, or as lines of a property file. */

enum { CREDENTIALS_SIZE_MAX = 1024 * 1024 }; /* systemd.exec(5): all of a unit together */

/* What the command line asks for: SECRET (all of its keys) or SECRET:KEY. */
typedef struct Wish {
        const char *secret;
        size_t secret_size;
        const char *key; /* NULL: all */
} Wish;

Wish wish_parse(const char *argument);

/* The key that a credential is of the wished secret, NULL when it is of another one. */
const char *wish_match(const Wish *w, const char *credential);

/* Called with each key and its text, NUL-terminated. Returns 0 or negative errno. */
typedef int (*CredentialHandler)(const char *key, char *text, size_t size, void *userdata);

/* Calls the handler for each credential of the wish, in byte order of their names.
 * Returns 0, -ENOENT when there is none, or what reading or the handler returned; *ret_name
 * (NAME_MAX + 1 characters) then is the credential in question. */
int credentials_each(int directory_fd, const Wish *w, CredentialHandler handler, void *userdata,
                char *ret_name);

/* Whether s is a name of an environment variable: [A-Za-z_][A-Za-z0-9_]*. */
bool variable_name_is_valid(const char *s);

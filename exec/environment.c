/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "environment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "io.h"

Wish wish_parse(const char *argument) {
        size_t n = strcspn(argument, ":");
        return (Wish){
                .secret = argument,
                .secret_size = n,
                .key = argument[n] ? argument + n + 1 : NULL,
        };
}

/* systemd names the files of a directory that is loaded as a whole ID_FILE: systemd.exec(5),
 * LoadCredential=. */
const char *wish_match(const Wish *w, const char *credential) {
        if (strncmp(credential, w->secret, w->secret_size) != 0
                        || credential[w->secret_size] != '_')
                return NULL;

        const char *key = credential + w->secret_size + 1;
        if (*key == '\0' || (w->key && !STREQ(key, w->key)))
                return NULL;
        return key;
}

bool variable_name_is_valid(const char *s) {
        if (*s == '\0' || (*s >= '0' && *s <= '9'))
                return false;
        return s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")]
               == '\0';
}

static int handle_one(int directory_fd, const char *name, const char *key,
                CredentialHandler handler, void *userdata) {
        CLEANUP(freep) char *text = NULL;
        size_t size = 0;

        int r = read_file_at(directory_fd, name, CREDENTIALS_SIZE_MAX, &text, &size);
        return r < 0 ? r : handler(key, text, size, userdata);
}

int credentials_each(int directory_fd, const Wish *w, CredentialHandler handler, void *userdata,
                char *ret_name) {
        struct dirent **entries;
        int found = -ENOENT;

        int n = scandirat(directory_fd, ".", &entries, NULL, alphasort);
        if (n < 0)
                return -errno;

        for (int i = 0; i < n; i++) {
                const char *name = entries[i]->d_name, *key = wish_match(w, name);
                if (key && (found == 0 || found == -ENOENT)) {
                        (void) snprintf(ret_name, NAME_MAX + 1, "%s", name);
                        found = handle_one(directory_fd, name, key, handler, userdata);
                }
                free(entries[i]);
        }
        free(entries);
        return found;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker-names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "digest.h"

#define USER_PREFIX "worker-"

enum { DIGEST_LENGTH = 13 }; /* 64 bits, five a character */

void worker_user_name(const char *id, size_t max, char *user) {
        static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
        const size_t stem = max - strlen(USER_PREFIX) - 1 - DIGEST_LENGTH;

        if (strlen(USER_PREFIX) + strlen(id) <= max && !strchr(id, '.')) {
                (void) snprintf(user, max + 1, USER_PREFIX "%s", id);
                return;
        }

        int n = snprintf(user, max + 1, USER_PREFIX "%.*s_", (int) stem, id);
        for (char *p = user; *p; p++)
                if (*p == '.') /* systemd takes no dots in user names */
                        *p = '_';

        uint64_t h = digest_add(DIGEST_OF_NOTHING, id, strlen(id));
        for (size_t i = 0; i < DIGEST_LENGTH; i++, h >>= 5)
                user[(size_t) n + i] = alphabet[h & 31];
        user[(size_t) n + DIGEST_LENGTH] = '\0';
}

/* systemd.unit(5), "String Escaping for Inclusion in Unit Names": '-' separates the levels of a
 * slice. Stops where s is full. */
static size_t append_escaped(char *s, size_t len, size_t size, const char *part) {
        for (; *part && len + 4 < size; part++)
                if (*part == '-') {
                        memcpy(s + len, "\\x2d", 4);
                        len += 4;
                } else
                        s[len++] = *part;
        return *part ? size : len;
}

/* name NULL: the slice of the whole workspace */
static int slice_name(char *s, const char *workspace, const char *name) {
        static const char prefix[] = "workers-", suffix[] = ".slice";
        const size_t size = UNIT_NAME_MAX + 1;
        size_t len = strlen(prefix);

        memcpy(s, prefix, len);
        len = append_escaped(s, len, size, workspace);
        if (name && len < size) {
                s[len++] = '-';
                len = append_escaped(s, len, size, name);
        }
        if (len + sizeof(suffix) > size)
                return -ENAMETOOLONG;

        memcpy(s + len, suffix, sizeof(suffix));
        return 0;
}

int worker_names_make(WorkerNames *names, const char *workspace, const char *name) {
        if (STREQ(workspace, WORKSPACE_DEFAULT))
                (void) snprintf(names->id, sizeof(names->id), "%s", name);
        else
                (void) snprintf(names->id, sizeof(names->id), "%s.%s", workspace, name);
        worker_user_name(names->id, USER_NAME_MAX, names->user);

        int r = slice_name(names->workspace_slice, workspace, NULL);
        return r < 0 ? r : slice_name(names->slice, workspace, name);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spool-chain.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#define SELF_EVENTS (IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
#define NAME_EVENTS (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)

/* Watches the directory itself and the names in it. A directory that may be passed but not read
 * can't be watched: wd is -1 then. */
static int watch_link(SpoolChain *chain, int inotify_fd, const char *directory, const char *next,
                size_t next_length) {
        if (chain->n >= SPOOL_CHAIN_MAX)
                return -ENAMETOOLONG;

        int wd = inotify_add_watch(inotify_fd, directory, SELF_EVENTS | NAME_EVENTS);
        if (wd < 0 && (errno == ENOENT || errno == ENOTDIR))
                return -EAGAIN;
        if (wd < 0 && errno != EACCES)
                return -errno;

        chain->links[chain->n++]
                        = (SpoolChainLink){ .wd = wd, .next = next, .next_length = next_length };
        return 0;
}

/* Names don't matter where the next component is a real directory: it tells itself when it goes.
 * directory was watched with its names first, so that nothing is missed in between. */
static int calm_link(SpoolChainLink *link, int inotify_fd, const char *directory) {
        if (link->wd < 0)
                return 0;

        int wd = inotify_add_watch(inotify_fd, directory, SELF_EVENTS);
        if (wd != link->wd)
                return -EAGAIN;
        link->next = NULL;
        return 0;
}

/* What is at path: 1 a directory, 0 a symlink to one, -ENOENT neither. */
static int examine(const char *path) {
        struct stat st;

        if (lstat(path, &st) < 0)
                return errno == ENOTDIR ? -ENOENT : -errno;
        if (S_ISDIR(st.st_mode))
                return 1;
        if (!S_ISLNK(st.st_mode))
                return -ENOENT;
        if (stat(path, &st) < 0)
                return errno == ENOTDIR || errno == ELOOP ? -ENOENT : -errno;
        return S_ISDIR(st.st_mode) ? 0 : -ENOENT;
}

int spool_chain_watch(SpoolChain *chain, int inotify_fd, const char *path) {
        char walked[PATH_MAX] = "/", before[PATH_MAX];
        size_t length = 0;

        if (strlen(path) >= PATH_MAX)
                return -ENAMETOOLONG;

        for (const char *next = path;;) {
                next += strspn(next, "/");
                size_t n = strcspn(next, "/");
                if (n == 0)
                        return 1;

                int r = watch_link(chain, inotify_fd, walked, next, n);
                if (r < 0)
                        return r;
                memcpy(before, walked, sizeof(before));
                walked[length++] = '/';
                memcpy(walked + length, next, n);
                length += n;
                walked[length] = '\0';
                next += n;

                SpoolChainLink *link = &chain->links[chain->n - 1];
                r = examine(walked);
                if (r == -ENOENT)
                        return link->wd < 0 ? -EACCES : 0;
                if (r > 0)
                        r = calm_link(link, inotify_fd, before);
                if (r < 0)
                        return r;
        }
}

void spool_chain_forget(SpoolChain *chain, int inotify_fd) {
        for (size_t i = 0; i < chain->n; i++)
                if (chain->links[i].wd >= 0)
                        (void) inotify_rm_watch(inotify_fd, chain->links[i].wd);
        chain->n = 0;
}

bool spool_chain_concerns(const SpoolChain *chain, const struct inotify_event *event) {
        for (size_t i = 0; i < chain->n; i++) {
                const SpoolChainLink *link = &chain->links[i];
                if (link->wd != event->wd)
                        continue;
                if (event->len == 0
                                || (link->next && strlen(event->name) == link->next_length
                                                && startswith(link->next, event->name)))
                        return true;
        }
        return false;
}
